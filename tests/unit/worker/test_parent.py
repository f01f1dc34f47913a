"""The corners of the warm parent that no case reaches for certain."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from worker import first_draw
from worker.cage.cell import Cell
from worker.groups import kill_group
from worker.order import Call, Descriptors, Order
from worker.parent import Parent, Running


def sleeper() -> int:
    return os.posix_spawnp("sleep", ["sleep", "60"], os.environ, setsid=True)


def test_a_line_that_was_torn_kills_the_case() -> None:
    """An engine that dies with unread words on its side resets the connection."""
    engine_side, line = socket.socketpair()
    pid = sleeper()
    parent, running = Parent(line, Cell()), Running(pid, line)
    parent._children[pid] = running
    parent._watch(line, lambda: None)
    line.send(b"word")
    # Closed with the word unread: the other side sees a reset, not an end.
    engine_side.close()
    parent._obey(running)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    parent._selector.close()
    line.close()


def test_a_wish_for_a_case_that_has_ended_is_not_obeyed() -> None:
    engine_side, line = socket.socketpair()
    pid = sleeper()
    with engine_side, line:
        parent = Parent(line, Cell())
        parent._obey(Running(pid, line))
        parent._selector.close()
    os.kill(pid, 0)
    kill_group(pid, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    # Nobody is left to be signalled, which is no error.
    kill_group(pid, signal.SIGKILL)


def test_where_nothing_can_be_forked_the_engine_hears_of_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever was given is closed, so that the engine need not wait."""

    def refuse() -> int:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr("os.fork", refuse)
    order = Order("/", "test_it.py", {}, 1, 1, 1)
    engine_side, line = socket.socketpair()
    others = [os.open(os.devnull, os.O_RDONLY) for _ in range(3)]
    with engine_side:
        parent = Parent(engine_side, Cell())
        parent._fork(Call(order, Descriptors(line.detach(), *others)))
        assert engine_side.recv(1) == b""
        assert parent.call is None
        parent._selector.close()


def test_it_draws_once_and_not_before_a_module_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library is missing it goes on: the case says so."""
    drawn: list[int] = []

    def draw() -> int:
        drawn.append(1)
        raise ModuleNotFoundError("schemathesis")

    monkeypatch.setattr(first_draw, "draw", draw)
    monkeypatch.setattr("os.fork", lambda: 0)
    here, there = socket.socketpair()
    with here, there:
        parent = Parent(here, Cell())
        counts = []
        for generates in (False, True, True):
            order = Order("/", "test_it.py", {}, 1, 1, 1, generates=generates)
            parent._fork(Call(order, Descriptors(0, 0, 0, 0)))
            counts.append(len(drawn))
        parent._selector.close()

    assert counts == [0, 1, 1]
