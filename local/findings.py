"""What a local run finds, in the shape that every report is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.outcomes import Outcome, Totals
from app.domain.plans import PlannedCase
from app.domain.results import CaseFinished, CheckFinished, Deletion, Event, Exchange


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what came of it; a case that broke as a whole has an empty check."""

    operation: str
    case: str
    check: str
    outcome: Outcome
    message: str
    traceback: str
    duration_seconds: float
    exchanges: tuple[Exchange, ...]
    #: Whether it was red and passed when it was run again.
    is_flaky: bool = False


@dataclass(frozen=True, slots=True)
class Leftover:
    """What a case created and left behind, and how it was deleted after it."""

    case: str
    deletion: Deletion


def of(case: PlannedCase, event: Event) -> Finding | None:
    """The finding in an event, where there is one.

    A case that breaks is a finding of its own: its checks may be few or none.
    """
    if isinstance(event, CheckFinished):
        return Finding(
            operation=case.operation,
            case=case.case_id,
            check=event.check,
            outcome=event.outcome,
            message=event.message,
            traceback=event.traceback,
            duration_seconds=event.duration_seconds,
            exchanges=event.exchanges,
            is_flaky=event.is_flaky,
        )
    if isinstance(event, CaseFinished) and event.message:
        return Finding(
            operation=case.operation,
            case=case.case_id,
            check="",
            outcome=event.outcome,
            message=event.message,
            traceback="",
            duration_seconds=event.duration_seconds,
            exchanges=(),
        )
    return None


def leftovers(case: PlannedCase, event: Event) -> Iterator[Leftover]:
    """What is told of leftovers in an event."""
    if isinstance(event, CaseFinished):
        yield from (Leftover(case.case_id, deletion) for deletion in event.deletions)


def totals(findings: Iterable[Finding]) -> Totals:
    """How many findings there are of each outcome."""
    return Totals.of(finding.outcome for finding in findings)
