"""Whether checks can fail: what was changed in recorded answers, and what the checks made of it.

A check is strong as far as it is red where an answer is wrong in a way that it is there to notice.
One that notices none of these is vacuous: its pass says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.outcomes import Outcome

#: Kept of the bodies of a recording: what was cut off cannot be answered again.
RECORDED_BYTES = 256 * 1024
#: Survivors that are kept of one check.
_SURVIVORS = 5


class Kind(StrEnum):
    """How an answer is changed."""

    STATUS = "status changed"
    DROPPED = "property dropped"
    RETYPED = "retyped"
    NULLED = "nulled"
    EMPTIED = "emptied"
    EXTRA_ITEM = "extra item"
    STALE_READ = "stale read after write"
    IGNORED_WRITE = "ignored write"
    MISSING_HEADER = "missing header"


@dataclass(frozen=True, slots=True)
class Duty:
    """Why a check should notice a change."""

    #: The rule, in words.
    rule: str
    #: Where it comes from: a pointer into the API description, a line of the check, a standard.
    source: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one recorded answer."""

    kind: Kind
    #: Which exchange of the check, from 0.
    exchange: int
    #: "GET http://…/books/7"
    request: str
    #: A JSON pointer (RFC 6901) into the answer, as {"status": …, "headers": {…}, "body": …}.
    place: str
    #: What is there instead, in words.
    told: str


class Fate(StrEnum):
    """What came of a change."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    #: The check went on to ask what was never recorded, or could not be run to its end.
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Trial:
    """A check, run once against its recording with one change that it should notice."""

    change: Change
    duty: Duty
    fate: Fate
    #: None where the check did not get so far.
    outcome: Outcome | None
    #: What the check said, or why it could not be told.
    message: str = ""


@dataclass(frozen=True, slots=True)
class CheckStrength:
    """What is known of one check."""

    check: str
    trials: tuple[Trial, ...] = ()
    #: How many changes it should have noticed that were not tried, for want of time.
    untried: int = 0
    #: Why it could not be tried at all; empty where it was.
    remark: str = ""

    @property
    def noticed(self) -> int:
        """How many changes it noticed."""
        return _count(self.trials, Fate.NOTICED)

    @property
    def survived(self) -> int:
        """How many changes it should have noticed and did not."""
        return _count(self.trials, Fate.SURVIVED)

    @property
    def kill_rate(self) -> float | None:
        """Which part of the decided trials it noticed, from 0 to 1; None where there are none."""
        return rate(self.noticed, self.survived)

    @property
    def is_vacuous(self) -> bool:
        """Whether it noticed nothing of all that it should have noticed."""
        return self.survived > 0 and self.noticed == 0


@dataclass(frozen=True, slots=True)
class CaseStrength:
    """What is known of one case."""

    case_id: str
    operation: str
    checks: tuple[CheckStrength, ...] = ()
    #: Why the case broke when it was recorded; empty where it did not.
    remark: str = ""

    @property
    def kill_rate(self) -> float | None:
        """That of all its checks' trials together."""
        return kill_rate(self.checks)

    @property
    def vacuous(self) -> tuple[str, ...]:
        """The names of its vacuous checks."""
        return tuple(each.check for each in self.checks if each.is_vacuous)


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """What is kept of the strength of a check."""

    check: str
    noticed: int
    survived: int
    undecided: int
    untried: int
    remark: str
    is_vacuous: bool
    #: The first of the trials that survived.
    survivors: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """What is kept of the strength of a case; the figures are those of all its checks."""

    noticed: int
    survived: int
    #: How many of its checks are.
    vacuous: int
    remark: str
    checks: tuple[CheckSummary, ...]

    @property
    def kill_rate(self) -> float | None:
        """Which part of the decided trials was noticed, from 0 to 1; None where there are none."""
        return rate(self.noticed, self.survived)


def summary(case: CaseStrength) -> CaseSummary:
    """What is kept of a case: its figures, and what survived."""
    checks = tuple(_summary(each) for each in case.checks)
    return CaseSummary(
        noticed=sum(each.noticed for each in checks),
        survived=sum(each.survived for each in checks),
        vacuous=len(case.vacuous),
        remark=case.remark,
        checks=checks,
    )


def _summary(check: CheckStrength) -> CheckSummary:
    survivors = [trial for trial in check.trials if trial.fate is Fate.SURVIVED]
    return CheckSummary(
        check=check.check,
        noticed=check.noticed,
        survived=check.survived,
        undecided=_count(check.trials, Fate.UNDECIDED),
        untried=check.untried,
        remark=check.remark,
        is_vacuous=check.is_vacuous,
        survivors=tuple(survivors[:_SURVIVORS]),
    )


def kill_rate(checks: Iterable[CheckStrength]) -> float | None:
    """Which part of the decided trials of some checks was noticed; None where there are none."""
    listed = list(checks)
    return rate(sum(each.noticed for each in listed), sum(each.survived for each in listed))


def rate(noticed: int, survived: int) -> float | None:
    """The part that was noticed, from 0 to 1; None where nothing was tried."""
    return noticed / (noticed + survived) if noticed + survived else None


def percent(rate: float | None) -> str:
    """A rate for a reader: "99.7 %"; never rounded up to all."""
    if rate is None:
        return "-"
    # Rounded first, for 0.57 is a little less than 57 %.
    return f"{math.floor(round(rate * 1000, 6)) / 10:.1f} %"


def fate_of(outcome: Outcome, *, is_off_record: bool) -> Fate:
    """What an outcome says of a change.

    A failure is the check's own word. An error is one too, unless the check had asked what was
    never recorded (`is_off_record`), which may be all there is to the error. A check that is
    skipped says nothing of the fault, like one that passes.
    """
    if outcome is Outcome.ERRORED and is_off_record:
        return Fate.UNDECIDED
    return Fate.NOTICED if outcome.is_red else Fate.SURVIVED


def _count(trials: Iterable[Trial], fate: Fate) -> int:
    return sum(trial.fate is fate for trial in trials)
