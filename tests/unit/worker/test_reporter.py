"""Interrupting a check from outside: only that one, and only while its own code runs."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import pytest

from worker import frames
from worker.order import INTERRUPT
from worker.reporter import OverranError, Reporter

CHECK = cast("pytest.Item", SimpleNamespace(nodeid="test_it.py::test_a"))
PASSED = cast("pytest.CallInfo[None]", SimpleNamespace(duration=0.1, excinfo=None))
REPORT = cast("pytest.TestReport", SimpleNamespace(failed=False, passed=True, when="call"))


@dataclass
class Line:
    """A reporter in this process, and the engine's end of its channel."""

    reporter: Reporter
    engine: socket.socket

    def interrupt(self) -> None:
        """What the engine does: its wish first, then the signal."""
        self.engine.send(frames.WANTED)
        signal.raise_signal(INTERRUPT)


@pytest.fixture
def line() -> Iterator[Line]:
    engine, channel = socket.socketpair()
    before = signal.getsignal(INTERRUPT)
    reporter = Reporter()
    with engine, channel:
        reporter.connect(channel, 30)
        yield Line(reporter, engine)
    signal.signal(INTERRUPT, before)


def test_code_of_the_check_is_interrupted(line: Line) -> None:
    phase = line.reporter.pytest_runtest_call()
    next(phase)
    with pytest.raises(OverranError, match="longer than its limit of 30 seconds"):
        line.interrupt()
    phase.close()


def test_between_two_phases_it_waits_for_the_next(line: Line) -> None:
    """Pytest itself is never interrupted."""
    line.interrupt()
    with pytest.raises(OverranError):
        next(line.reporter.pytest_runtest_teardown())


def test_a_wish_that_comes_after_the_end_is_not_for_the_next_check(line: Line) -> None:
    """It lies before the word that ends the wait, and the signal finds nothing to interrupt."""
    protocol = line.reporter.pytest_runtest_protocol(CHECK)
    next(protocol)
    makereport = line.reporter.pytest_runtest_makereport(CHECK, PASSED)
    next(makereport)
    with pytest.raises(StopIteration):
        makereport.send(REPORT)
    line.engine.send(frames.WANTED + frames.HEARD)
    with pytest.raises(StopIteration):
        protocol.send(None)
    signal.raise_signal(INTERRUPT)
    phase = line.reporter.pytest_runtest_setup()
    next(phase)
    signal.raise_signal(INTERRUPT)
    phase.close()
