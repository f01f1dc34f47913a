"""The book of a suite: what is known of it, of its operations and of their checks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.domain.analytics.facts import Change
from app.domain.analytics.flakiness import Quarantine
from app.domain.analytics.track import Track
from app.domain.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Check:
    """What is known of a check."""

    track: Track = field(default_factory=Track)
    last_run_id: str = ""
    last_outcome: Outcome = Outcome.SKIPPED
    #: Its result in the last run, while it is red.
    result_id: str | None = None
    fingerprint: str = ""
    #: The last quarantine, in force or not.
    quarantine: Quarantine | None = None
    #: Whether its module ran without it.
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known of an operation."""

    track: Track = field(default_factory=Track)
    last_run_id: str = ""
    #: Whether the whole suite ran without it.
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the runs."""

    #: Days that a quarantine lasts; 0 for none at all.
    quarantine_days: float
    #: When people lifted a quarantine, by operation and check.
    lifts: Mapping[tuple[str, str], Sequence[dt.datetime]] = field(default_factory=dict)
    #: Versions of the API description that touched an operation, oldest first.
    changes: Mapping[str, Sequence[Change]] = field(default_factory=dict)


class Book:
    """The tracks of a suite, and which of them have changed since it was opened."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.suite = Track()
        self.last_run_id = ""
        self.operations: dict[str, Operation] = {}
        self.checks: dict[str, dict[str, Check]] = {}
        self.changed_operations: set[str] = set()
        self.changed_checks: set[tuple[str, str]] = set()

    def checks_of(self, operation: str) -> dict[str, Check]:
        """What is known of the checks of an operation, by name."""
        return self.checks.setdefault(operation, {})

    def enter_operation(self, operation: str, known: Operation) -> None:
        """What is known of an operation from now on."""
        self.operations[operation] = known
        self.changed_operations.add(operation)

    def enter_check(self, operation: str, check: str, known: Check) -> None:
        """What is known of a check from now on."""
        self.checks_of(operation)[check] = known
        self.changed_checks.add((operation, check))

    def retire_checks(self, operation: str, there: Sequence[str]) -> None:
        """Note that an operation has no other checks than these any more."""
        for check, known in self.checks_of(operation).items():
            if check not in there and not known.is_retired:
                self.enter_check(operation, check, replace(known, is_retired=True))

    def retire_operations(self, there: Sequence[str]) -> None:
        """Note that the suite has no other operations than these any more."""
        for operation, known in self.operations.items():
            if operation not in there and not known.is_retired:
                self.retire_checks(operation, ())
                self.enter_operation(operation, replace(known, is_retired=True))
