"""The pytest plugin inside a case's process: tells the engine what happens, as it happens.

It reports; it does not judge. Whatever it says is checked outside, by `worker.witness`.
"""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Generator

import pytest

from app.domain.outcomes import Outcome
from worker.frames import (
    MESSAGE_LIMIT,
    TRACEBACK_LIMIT,
    WANTED,
    CheckBegan,
    CheckEnded,
    Collected,
    CollectionFailed,
    Frame,
    SessionEnded,
    encode,
    shorten,
)
from worker.order import INTERRUPT

#: Which of two phases of one check says more: what the API did wrong is certain, so it comes first.
_WEIGHT = {Outcome.PASSED: 0, Outcome.SKIPPED: 1, Outcome.ERRORED: 2, Outcome.FAILED: 3}


class OverranError(BaseException):
    """The check took longer than it may; like Ctrl-C it is not for a script to catch."""


#: Exceptions that need no introduction.
_SPEAKING = (AssertionError, pytest.fail.Exception, pytest.skip.Exception, OverranError)


class Reporter:
    """Writes frames to the engine, and interrupts a check when the engine asks for it."""

    def __init__(self) -> None:
        self._phases: list[CheckEnded] = []
        self._check_seconds = 0.0
        #: Whether code of the check runs: elsewhere an interruption would hit pytest itself.
        self._is_inside = False
        self._was_signalled = False

    def connect(self, channel: socket.socket, check_seconds: float) -> None:
        """Take the engine's channel; what a check may take is for its message."""
        self._channel = channel
        self._check_seconds = check_seconds
        signal.signal(INTERRUPT, self._interrupt)

    def tell(self, frame: Frame) -> None:
        """Send a frame; blocks while the engine is behind."""
        sys.stdout.flush()
        sys.stderr.flush()
        self._channel.sendall(encode(frame))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, object]:
        """Tell why the module cannot be collected, or was skipped as a whole."""
        try:
            report = yield
        except SystemExit as error:
            self.tell(CollectionFailed(_said(error)))
            raise
        if not report.passed:
            raised: BaseException = report.call.excinfo.value
            # pytest wraps what an import raised, with the whole traceback as its text.
            message = _said(raised.__cause__ or raised)
            told = f"The module was skipped: {message}" if report.skipped else message
            self.tell(CollectionFailed(shorten(told, MESSAGE_LIMIT)))
        return report

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell which checks will run."""
        self.tell(Collected(tuple(_name(item) for item in session.items)))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Tell that a check begins, run it, tell how it ended, and wait to be heard."""
        self._phases = []
        self.tell(CheckBegan(_name(item)))
        handled = yield
        self.tell(_summary(_name(item), self._phases))
        # The engine takes what was recorded and printed until now: both are this check's. A wish
        # to interrupt it that came before comes too late.
        while self._channel.recv(1) == WANTED:
            pass
        return handled

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Let the fixtures be interrupted."""
        return (yield from self._interruptible())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Let the body be interrupted."""
        return (yield from self._interruptible())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Let the cleaning up be interrupted."""
        return (yield from self._interruptible())

    def _interruptible(self) -> Generator[None, object, object]:
        self._is_inside = True
        try:
            if self._was_signalled:
                self._interrupt()
            return (yield)
        finally:
            self._is_inside = False

    def _interrupt(self, *_: object) -> None:
        """Raise in the check, if it is this one that the engine means: handles INTERRUPT.

        The signal may come late. The engine's wish travels in its channel, where it stands before
        the word that ends the wait for the check it is about.
        """
        __tracebackhide__ = True
        self._was_signalled = not self._is_inside
        if not self._is_inside:
            return
        try:
            self._channel.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        limit = f"its limit of {self._check_seconds:g} seconds"
        raise OverranError(f"The check took longer than {limit}.")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the report of each phase: setup, call, teardown."""
        report = yield
        self._phases.append(_phase(_name(item), call, report))
        return report

    def end(self, exit_status: int) -> None:
        """Tell that pytest is done."""
        self.tell(SessionEnded(exit_status))


def _name(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[2]


def _phase(check: str, call: pytest.CallInfo[None], report: pytest.TestReport) -> CheckEnded:
    outcome = _outcome(call, report)
    silent = outcome is Outcome.PASSED
    return CheckEnded(
        check=check,
        outcome=outcome,
        message="" if silent else shorten(_message(call, report), MESSAGE_LIMIT),
        traceback="" if silent else shorten(report.longreprtext, TRACEBACK_LIMIT),
        duration_seconds=call.duration,
    )


def _outcome(call: pytest.CallInfo[None], report: pytest.TestReport) -> Outcome:
    """The verdict of one phase: only a broken assertion in the body is the API's failure."""
    if not report.failed:
        return Outcome.PASSED if report.passed else Outcome.SKIPPED
    # pytest fails a check without an exception where one marked as a strict xfail passes.
    broken = call.excinfo is None or isinstance(
        call.excinfo.value, AssertionError | pytest.fail.Exception
    )
    return Outcome.FAILED if report.when == "call" and broken else Outcome.ERRORED


def _message(call: pytest.CallInfo[None], report: pytest.TestReport) -> str:
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return f"expected to fail: {expected}"
    if call.excinfo is None:
        return report.longreprtext
    message = _said(call.excinfo.value)
    return f"{report.when}: {message}" if report.failed and report.when != "call" else message


def _said(error: BaseException) -> str:
    """What an exception says: assertions and skips speak for themselves, others by their type."""
    text = str(error)
    if isinstance(error, _SPEAKING) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _summary(check: str, phases: list[CheckEnded]) -> CheckEnded:
    """One verdict from all phases: the weightiest one's, with everything that was said."""
    worst = max(phases, key=lambda phase: _WEIGHT[phase.outcome])
    said = [phase for phase in phases if phase.message]
    return CheckEnded(
        check=check,
        outcome=worst.outcome,
        message=shorten("\n".join(phase.message for phase in said), MESSAGE_LIMIT),
        traceback=shorten("\n\n".join(phase.traceback for phase in said), TRACEBACK_LIMIT),
        duration_seconds=sum(phase.duration_seconds for phase in phases),
    )
