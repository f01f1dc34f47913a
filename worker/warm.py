"""The engine's side of the warm parent: starts it, hands it orders, replaces it.

It is replaced when it is gone, and retired when it has had its time: then it forks no more, and
ends by itself after its last child.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from app.errors import UnavailableError
from worker.cage import policy, report, wish
from worker.cage.report import Report
from worker.cage.wish import Wish
from worker.order import WORD, Descriptors, Order, retire, send
from worker.renewal import Age, Endurance

#: Where the packages lie that the parent imports: this one and its neighbours.
_ROOT = Path(__file__).resolve().parent.parent
#: The environment of every parent: pytest loads what it is told to and nothing else.
_MINIMUM = {
    "PYTHONPATH": str(_ROOT),
    "LANG": "C.UTF-8",
    "NO_COLOR": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
#: How long the parent may take to end its children when it is asked to end.
_GOODBYE_SECONDS = 5.0
#: How long the parent may take to warm up and fork.
_BIRTH_SECONDS = 30.0

_NO_START = "The process that runs the cases does not start."

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Generation:
    """One life of the warm parent."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    age: Age
    #: Which layers of the cage hold.
    cage: Report = field(default_factory=Report)

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    def kill(self) -> None:
        """End it without asking; its children die with it."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Have it end its children and itself; killed when it takes too long."""
        self.control.close()
        try:
            self.process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


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


@dataclass(frozen=True, slots=True)
class Upbringing:
    """How a warm parent is started."""

    #: The pytest plugins of every case.
    plugins: tuple[str, ...]
    #: What the parent has in its environment beside the bare minimum; children have none of it.
    environment: Mapping[str, str]
    #: Whether children go on with the parent's pytest session, or start one of their own.
    shares_session: bool = True
    endurance: Endurance = field(default_factory=Endurance)
    cage: Wish = field(default_factory=Wish)


class WarmParent:
    """Keeps one warm parent alive. May be used from several threads."""

    def __init__(self, workspace: Path, upbringing: Upbringing) -> None:
        """The parent removes the workspace when it ends."""
        kind = "shared" if upbringing.shares_session else "own"
        self._wish = upbringing.cage
        self._arguments = (str(workspace), wish.encode(self._wish), kind, *upbringing.plugins)
        self._environment = {**_MINIMUM, **upbringing.environment}
        self._endurance = upbringing.endurance
        self._lock = threading.Lock()
        self._generation: Generation | None = None
        self._retired: list[Generation] = []

    def __enter__(self) -> Self:
        """Start the parent, so that the first case finds it warm.

        Blocks until the cage is built. Raises UnavailableError where that does not succeed, or
        where the cage is below what is wished for.
        """
        with self._lock:
            self._generation = self._start()
            self.cage = self._generation.cage
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
            for generation in self._retired:
                generation.end()
            self._retired.clear()

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
        raise UnavailableError(_NO_START)

    def _alive(self) -> Generation:
        parent = self._generation
        if parent is None or parent.is_dead:
            self._end()
        elif reason := parent.age.objection(parent.process.pid):
            _log.info("warm_parent.retired", reason=reason, pid=parent.process.pid)
            self._retire(parent)
        if self._generation is None:
            self._generation = self._start()
        return self._generation

    def _retire(self, parent: Generation) -> None:
        """Let it end by itself; those that have are buried."""
        self._generation = None
        with contextlib.suppress(OSError):
            retire(parent.control)
        self._retired.append(parent)
        for generation in [each for each in self._retired if each.is_dead]:
            generation.end()
            self._retired.remove(generation)

    def _start(self) -> Generation:
        age = Age(self._endurance)
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
        return self._accepted(Generation(process, ours, age))

    def _accepted(self, parent: Generation) -> Generation:
        """The parent, if its cage will do; it is ended otherwise."""
        parent.control.settimeout(_BIRTH_SECONDS)
        found = None
        with contextlib.suppress(OSError):
            found = report.receive(parent.control)
        parent.control.settimeout(None)
        refusal = policy.refusal(self._wish.policy, found) if found else _NO_START
        if found is None or refusal:
            parent.control.close()
            parent.kill()
            raise UnavailableError(refusal)
        return replace(parent, cage=found)

    def _ask(self, parent: Generation, order: Order, dial: int) -> Child | None:
        """Hand over an order; None where the parent is gone."""
        line, their_line = socket.socketpair()
        channel, their_channel = socket.socketpair()
        output, their_output = os.pipe()
        child = Child(parent, line, channel, output)
        try:
            given = Descriptors(their_line.fileno(), their_channel.fileno(), their_output, dial)
            send(parent.control, order, given)
            parent.age.forks += 1
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
        if self._generation is not None:
            self._generation.end()
            self._generation = None
