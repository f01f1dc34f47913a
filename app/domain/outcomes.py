"""Outcome (the verdict on a check) and status (where a run or generation is in its life)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The verdict on one check: a failure is the API's, an error means it could not be told."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"

    @property
    def is_red(self) -> bool:
        """Whether it is something that somebody must look at."""
        return self in {Outcome.FAILED, Outcome.ERRORED}


class Status(StrEnum):
    """Where a run, a case of a run or a generation is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing can change any more."""
        return self in {Status.FINISHED, Status.CANCELLED}


@dataclass(frozen=True, slots=True)
class Totals:
    """How many checks ended with each outcome."""

    passed: int = 0
    failed: int = 0
    errored: int = 0
    skipped: int = 0

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Totals:
        """Count the outcomes."""
        seen = list(outcomes)
        return cls(*(seen.count(outcome) for outcome in Outcome))

    @property
    def checks(self) -> int:
        """How many checks there are in all."""
        return self.passed + self.failed + self.errored + self.skipped

    @property
    def is_green(self) -> bool:
        """Whether nothing failed and nothing was left undecided."""
        return not (self.failed or self.errored)
