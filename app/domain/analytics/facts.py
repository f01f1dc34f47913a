"""Facts: what a run tells of its cases and checks, before anything is made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """An exchange in short: what was asked, and what came."""

    method: str
    url: str
    #: None where no answer came.
    status: int | None
    #: Why none came.
    error: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A newer version of the API description that touched an operation."""

    number: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """How a check of a run ended; what is only told of red ones is empty for others."""

    result_id: str
    #: Empty where the module itself broke.
    check: str
    outcome: Outcome
    duration_seconds: float
    message: str = ""
    asked: Sequence[Asked] = ()
    #: Outcomes of running it again.
    reruns: Sequence[Outcome] = ()
    #: Whether it was in quarantine when its run ended.
    is_quarantined: bool = False

    @property
    def is_red(self) -> bool:
        """Whether it failed, or could not be decided."""
        return self.outcome.is_red

    @property
    def is_shaky(self) -> bool:
        """Whether it was red and passed when it was run again."""
        return self.is_red and Outcome.PASSED in self.reruns


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """How a case of a run ended."""

    operation: str
    #: Digest of the script that was executed.
    script: str
    duration_seconds: float
    checks: Sequence[CheckFacts]
    #: Whether the API answered any of its requests.
    was_answered: bool = True

    @property
    def is_broken(self) -> bool:
        """Whether it broke as a whole, so that checks may be missing."""
        return any(not each.check for each in self.checks)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run that has ended, with the cases that came to their end."""

    run_id: str
    #: When it ended.
    at: dt.datetime
    duration_seconds: float
    #: Whether it is of the whole suite and was not cancelled.
    is_whole: bool
    cases: Sequence[CaseFacts]
    #: Which API it asked: a digest of the base URL.
    place: str = ""
