"""What is told about one case, held against what its process may claim.

A pass is told when the case has ended well, everything else as it happens: until the process has
ended the way pytest ends it, the script may still turn out to have faked what it reported.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace

from app.domain.outcomes import Outcome
from app.domain.redaction import Redactor
from app.domain.results import CaseFinished, CheckFinished, CheckStarted, Event
from worker.evidence import Evidence
from worker.frames import CheckBegan, CheckEnded, Frame
from worker.gateway.hub import Opened
from worker.promise import Promise
from worker.supervision import End, Supervision
from worker.witness import BrokenAccountError, Witness

#: The worst first: a failure is certain, so an error beside it must not hide it.
_SEVERITY = (Outcome.FAILED, Outcome.ERRORED, Outcome.PASSED, Outcome.SKIPPED)
#: How much of what a broken case printed last is shown with the reason, in characters.
_LAST_WORDS = 2000
#: What a process that was asked to end prints before it says where it was.
_STACK = "Stack (most recent call first):"


class Account:
    """What is told about one case."""

    def __init__(self, case_id: str, told: Promise, redactor: Redactor, prefix: str) -> None:
        """`prefix` is a regular expression for the path of the base URL."""
        self.redactor = redactor
        self._case_id = case_id
        self._promise = told
        self._witness = Witness(told)
        self._evidence = Evidence(told, prefix)
        self._broken = False
        self._outcomes: list[Outcome] = []
        self._passes: list[CheckFinished] = []
        #: The case's own verdict, once it was followed to its end.
        self.finished = CaseFinished(case_id, Outcome.ERRORED)

    def follow(self, supervision: Supervision, gateway: Opened) -> Iterator[Event]:
        """Tell of every check until the process has ended."""
        for frame in supervision.frames():
            if not self._broken:
                yield from self._hear(frame, supervision, gateway)
        objection = self._objection(supervision.end)
        last_words = supervision.take_output()
        if (check := self._witness.running) is not None:
            printed, place, stack = last_words.rpartition(_STACK)
            frame = CheckEnded(check, Outcome.ERRORED, objection, place + stack, 0.0)
            yield self._check(frame, printed if place else last_words, gateway)
        for event in self._passes:
            yield self._believed(event, objection)
        self._conclude(objection, last_words)

    def _hear(self, frame: Frame, supervision: Supervision, gateway: Opened) -> Iterator[Event]:
        try:
            self._witness.hear(frame)
        except BrokenAccountError as error:
            self._broken = True
            supervision.stop(f"What the process of the case told is not to be believed: {error}.")
            return
        if isinstance(frame, CheckBegan):
            yield CheckStarted(self._case_id, frame.check)
        if isinstance(frame, CheckEnded):
            frame = _in_time(frame, supervision.overran)
            event = self._check(frame, supervision.take_output(), gateway)
            if event.outcome is Outcome.PASSED:
                self._passes.append(event)
            else:
                yield event

    def _check(self, frame: CheckEnded, output: str, gateway: Opened) -> CheckFinished:
        clean = self.redactor.text
        taken = gateway.take()
        objection = self._evidence.objection(frame, taken)
        if objection:
            frame = replace(frame, outcome=Outcome.ERRORED, message=objection)
        self._outcomes.append(frame.outcome)
        return CheckFinished(
            case_id=self._case_id,
            check=frame.check,
            outcome=frame.outcome,
            message=clean(frame.message),
            traceback=clean(frame.traceback),
            output=clean(output),
            intent=self._promise.intent(frame.check),
            duration_seconds=frame.duration_seconds,
            exchanges=taken.exchanges,
        )

    def _objection(self, end: End) -> str:
        """Why the account proves nothing; empty where it does."""
        if end.reason:
            return end.reason
        if end.status < 0:
            name = signal.Signals(-end.status).name
            why = " for using too much CPU time" if -end.status == signal.SIGXCPU else ""
            return f"The process of the case was killed by {name}{why}."
        return self._witness.objection(end.status)

    def _believed(self, event: CheckFinished, objection: str) -> CheckFinished:
        if not objection:
            return event
        message = f"It reported a pass that nothing proves. {objection}"
        return replace(event, outcome=Outcome.ERRORED, message=self.redactor.text(message))

    def _conclude(self, objection: str, last_words: str) -> None:
        if not objection:
            worst = next(each for each in _SEVERITY if each in self._outcomes)
            self.finished = CaseFinished(self._case_id, worst)
            return
        printed = last_words[-_LAST_WORDS:].strip() if self._witness.running is None else ""
        self.break_off("\n".join(part for part in (objection, printed) if part))

    def break_off(self, reason: str) -> None:
        """The case itself is broken."""
        message = self.redactor.text(reason)
        self.finished = CaseFinished(self._case_id, Outcome.ERRORED, message)


def _in_time(frame: CheckEnded, overran: str) -> CheckEnded:
    """A check that went on though it was interrupted has not done what it was to do in its time."""
    if not overran or frame.outcome in {Outcome.FAILED, Outcome.ERRORED}:
        return frame
    return replace(frame, outcome=Outcome.ERRORED, message=overran)
