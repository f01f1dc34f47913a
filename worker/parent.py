"""The warm parent: a process that has imported everything once and forks one child per case.

Started by the engine as `python -m worker.parent DESCRIPTOR WORKSPACE CAGE SESSION PLUGIN…`, with
a clean environment. It runs no script itself. Its one thread waits for orders, for the end of its
children, and for what the engine says about them; when the engine is gone it kills them all,
removes the workspace in which they ran, and ends. One that is retired ends after its last child.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import secrets
import selectors
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import pytest

from worker import child, first_draw, rehearsal, session
from worker.cage import building, report, system, wish
from worker.cage.cell import Cell
from worker.groups import kill_group
from worker.order import INTERRUPT, WORD, Call, Farewell, Order, receive
from worker.reporter import Reporter

#: Imported before the first fork, so that no case waits for them.
_WARM = (
    "httpx",
    "jsonschema_rs",
    # A case may not look into the folder where it lies; what is imported need not be found.
    "testops",
    "_pytest.unittest",
)

#: How the children come to their pytest session.
_SESSIONS = {"shared": session.share, "own": session.alone}


@dataclass(frozen=True, slots=True)
class Running:
    """A child and the line on which the engine waits for its end."""

    pid: int
    line: socket.socket


class Parent:
    """Forks, watches and ends children."""

    def __init__(self, control: socket.socket, cage: Cell) -> None:
        self._control = control
        self._cage = cage
        self._children: dict[int, Running] = {}
        self._selector = selectors.DefaultSelector()
        #: Why no further orders come.
        self.farewell: Farewell | None = None
        #: Descriptors that were open before the first fork: ours, and those of pytest.
        self.opened: set[int] = set()
        #: In a child, what it was forked for. The child leaves everything else here alone: its
        #: descriptors are closed, and the numbers may belong to others.
        self.call: Call | None = None
        self._has_drawn = False

    def serve(self) -> Call | None:
        """Work until nothing is left to do; returns earlier in a child, with its call."""
        self._listen_for_deaths()
        self._watch(self._control, self._order)
        self.opened = _open_descriptors()
        _settle_memory()
        while self._is_needed():
            for key, _ in self._selector.select():
                key.data()
                if self.call is not None:
                    return self.call
        for running in list(self._children.values()):
            self._bury(running)
        self._deaths.close()
        self._wake.close()
        return None

    def _is_needed(self) -> bool:
        if self.farewell is Farewell.RETIRED:
            return bool(self._children)
        return self.farewell is None

    def _listen_for_deaths(self) -> None:
        self._deaths, self._wake = socket.socketpair()
        self._deaths.settimeout(0)
        self._wake.settimeout(0)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        # A handler in Python is what makes the wakeup descriptor be written to.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._watch(self._deaths, self._reap)

    def _watch(self, source: socket.socket, react: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, react)

    def _order(self) -> None:
        received = receive(self._control)
        if isinstance(received, Call):
            self._fork(received)
            return
        self.farewell = received
        if received is Farewell.GONE:
            self._selector.unregister(self._control)
            self._control.close()

    def _fork(self, call: Call) -> None:
        if call.order.generates and not self._has_drawn:
            self._draw()
        try:
            pid = os.fork()
        except OSError:
            # Nothing can be started here any more; the engine hears it and has another parent.
            for descriptor in astuple(call.given):
                os.close(descriptor)
            return
        if pid == 0:
            self.call = call
            return
        given = call.given
        os.close(given.channel)
        os.close(given.output)
        os.close(given.dial)
        running = Running(pid, socket.socket(fileno=given.line))
        self._children[pid] = running
        self._watch(running.line, lambda: self._obey(running))
        _tell(running.line, pid)

    def _draw(self) -> None:
        """Do once what every module that generates inputs does; most engines have none for long."""
        self._has_drawn = True
        with contextlib.suppress(ImportError):
            # The case says what is missing.
            first_draw.draw()
        _settle_memory()

    def _obey(self, running: Running) -> None:
        """Signal the child's group as the engine asks; kill it if the engine has left."""
        if running.pid not in self._children:
            # Buried by an event of the same round.
            return
        try:
            wish = running.line.recv(1)
        except ConnectionError:
            wish = b""
        if not wish:
            self._selector.unregister(running.line)
        if wish and wish[0] == INTERRUPT:
            os.kill(running.pid, INTERRUPT)
        else:
            kill_group(running.pid, wish[0] if wish else signal.SIGKILL)

    def _reap(self) -> None:
        self._deaths.recv(4096)
        for running in list(self._children.values()):
            options = os.WEXITED | os.WNOHANG | os.WNOWAIT
            if os.waitid(os.P_PID, running.pid, options):
                self._bury(running)

    def _bury(self, running: Running) -> None:
        """End everything that a case has started, then report how its process ended.

        The process is waited for only after its group was killed: until then its number cannot
        belong to anybody else.
        """
        kill_group(running.pid, signal.SIGKILL)
        _, status = os.waitpid(running.pid, 0)
        del self._children[running.pid]
        self._end_orphans()
        with contextlib.suppress(KeyError):
            self._selector.unregister(running.line)
        _tell(running.line, status)
        running.line.close()

    def _end_orphans(self) -> None:
        """Kill the processes that became ours when their own parent ended; none outlives it.

        Their children become ours in turn, so it goes on until there is none.
        """
        self._cage.end_orphans()
        while orphans := _children() - self._children.keys() - self._cage.staff:
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def _children() -> set[int]:
    """The processes whose parent this one is (proc(5); empty where there is no such file)."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    return {int(pid) for pid in listing.read_text().split()} if listing.exists() else set()


def _settle_memory() -> None:
    """Never collect what exists now, so that children do not copy its pages."""
    gc.collect()
    gc.freeze()


def _tell(line: socket.socket, word: int) -> None:
    with contextlib.suppress(OSError):
        line.sendall(WORD.pack(word))


def _open_descriptors() -> set[int]:
    """The descriptors of this process (proc(5); empty where there is no such folder)."""
    listing = Path("/proc/self/fd")
    return {int(each.name) for each in listing.iterdir()} if listing.exists() else set()


def main(arguments: Sequence[str]) -> None:
    """Warm up, then serve the engine at the other end of the inherited socket."""
    descriptor, workspace, wanted, kind, *plugins = arguments
    sys.dont_write_bytecode = True
    control = socket.socket(fileno=int(descriptor))
    with contextlib.suppress(OSError):
        # Where there is no such thing, the groups of the cases are all that can be ended.
        system.adopt_orphans()
    builder = building.Builder(wish.decode(wanted), Path(workspace), secrets.randbelow)
    cage, found = builder.build()
    report.send(control, found)
    for name in _WARM:
        importlib.import_module(name)
    rehearsal.rehearse(plugins, Path(workspace))
    parent, reporter = Parent(control, cage), Reporter()

    def wait() -> Order | None:
        call = parent.serve()
        if call is None:
            return None
        child.settle(call, cage, reporter, parent.opened)
        return call.order

    status = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        status = _SESSIONS[kind](wait, plugins, reporter)
        if parent.call is not None:
            child.say_goodbye(reporter, status)
    finally:
        if parent.call is not None:
            # Not sys.exit: nothing of the parent's own ending may run here.
            os._exit(status)
    cage.release()
    if parent.farewell is Farewell.GONE:
        # An engine that was killed cannot tidy up; this process outlives it for a moment.
        shutil.rmtree(workspace, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
