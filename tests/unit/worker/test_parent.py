"""The corners of the warm parent that no case reaches for certain."""

from __future__ import annotations

import os
import signal
import socket

from worker.cage.cell import Cell
from worker.groups import kill_group
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
