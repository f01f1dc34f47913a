"""The engine's side of the warm parent: starts it, hands it orders, replaces it when it is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from app.errors import UnavailableError
from worker.order import WORD, Descriptors, Order, send

#: Where the packages lie that the parent imports: this one and its neighbours.
_ROOT = Path(__file__).resolve().parent.parent
#: How long the parent may take to end its children when it is asked to end.
_GOODBYE_SECONDS = 5.0
#: How long the parent may take to warm up and fork.
_BIRTH_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Generation:
    """One life of the warm parent."""

    process: subprocess.Popen[bytes]
    control: socket.socket

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    def kill(self) -> None:
        """End it without asking; its children die with it."""
        self.process.kill()
        self.process.wait()


@dataclass(slots=True)
class Child:
    """A case's process as the engine sees it: three descriptors and the parent it belongs to.

    `line` gives the wait status when the process has ended; a byte written to it is a signal for
    the whole group. `channel` gives frames, `output` (not blocking) what was printed.
    """

    parent: Generation
    line: socket.socket
    channel: socket.socket
    output: int
    pid: int = 0

    def is_born(self) -> bool:
        """Wait for the parent to tell the process id; lets go of the case where it does not."""
        self.line.settimeout(_BIRTH_SECONDS)
        word = b""
        with contextlib.suppress(OSError):
            word = self.line.recv(WORD.size)
        self.line.settimeout(None)
        if not word:
            self.close()
            return False
        (self.pid,) = WORD.unpack(word)
        return True

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to everything in the case's group."""
        with contextlib.suppress(OSError):
            self.line.send(bytes([number]))

    def close(self) -> None:
        """Let go of the case; what still runs of it is killed by the parent."""
        self.line.close()
        self.channel.close()
        os.close(self.output)


class WarmParent:
    """Keeps one warm parent alive. May be used from several threads."""

    def __init__(
        self, workspace: Path, plugins: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        """`environment` is for the parent beside the bare minimum; children have none of it.

        The parent removes the workspace when it ends.
        """
        self._arguments = (str(workspace), *plugins)
        self._environment = {"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", **environment}
        self._lock = threading.Lock()
        self._generation: Generation | None = None

    def __enter__(self) -> Self:
        """Start the parent, so that the first case finds it warm."""
        with self._lock:
            self._generation = self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the parent and everything it has started."""
        with self._lock:
            self._end()

    def fork(self, order: Order, dial: int) -> Child:
        """Have a child forked; blocks until it is there. It gets a copy of the dial.

        A parent that is gone or does not answer is replaced, once. Raises UnavailableError where
        that does not help.
        """
        for _ in range(2):
            with self._lock:
                parent = self._alive()
                child = self._ask(parent, order, dial)
            if child is not None and child.is_born():
                return child
            parent.kill()
        raise UnavailableError("The process that runs the cases does not start.")

    def _alive(self) -> Generation:
        if self._generation is None or self._generation.is_dead:
            self._end()
            self._generation = self._start()
        return self._generation

    def _start(self) -> Generation:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "worker.parent", str(theirs.fileno())]
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [*command, *self._arguments],
                env=self._environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # Ctrl-C is the engine's to handle: it ends its parent in good order.
                start_new_session=True,
            )
        return Generation(process, ours)

    def _ask(self, parent: Generation, order: Order, dial: int) -> Child | None:
        """Hand over an order; None where the parent is gone."""
        line, their_line = socket.socketpair()
        channel, their_channel = socket.socketpair()
        output, their_output = os.pipe()
        child = Child(parent, line, channel, output)
        try:
            given = Descriptors(their_line.fileno(), their_channel.fileno(), their_output, dial)
            send(parent.control, order, given)
        except OSError:
            child.close()
            return None
        finally:
            their_line.close()
            their_channel.close()
            os.close(their_output)
        os.set_blocking(output, False)
        channel.settimeout(0)
        return child

    def _end(self) -> None:
        if self._generation is None:
            return
        parent, self._generation = self._generation, None
        parent.control.close()
        try:
            parent.process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            parent.kill()
