"""Writes what runners report into the database: the only writer of results, and of runners."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session, sessionmaker

from app import metrics
from app.domain.results import CheckFinished
from app.errors import InvalidInputError
from app.messages.events import Reported, RunnerStarted
from app.services import results, runners
from bridge.kafka.records import Received


class ResultsHandler:
    """Applies each batch in one transaction; repeated reports are dropped and counted."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def handle(self, batch: Sequence[Received]) -> None:
        """Raises InvalidInputError for an event of another topic; nothing is written then."""
        started = [each.event for each in batch if isinstance(each.event, RunnerStarted)]
        reports = [_report(each) for each in batch if not isinstance(each.event, RunnerStarted)]
        with self._sessions.begin() as session:
            for runner in started:
                runners.hear(session, runner)
            applied = results.apply(session, reports)
        _count(applied, reports)


def _report(received: Received) -> Reported:
    if isinstance(received.event, Reported):
        return received.event
    kind = type(received.event).__name__
    raise InvalidInputError(f"{kind} does not belong on this topic.", where=received.topic)


def _count(applied: results.Applied, reports: Sequence[Reported]) -> None:
    metrics.RESULTS_APPLIED.inc(applied.results)
    metrics.RESULTS_DUPLICATES.inc(applied.dropped)
    metrics.RUNS_FINISHED.inc(len(applied.finished_runs))
    for outcome, cases in applied.cases.items():
        metrics.TEST_CASES.labels(outcome).inc(cases)
    for report in reports:
        if isinstance(report.event, CheckFinished):
            seconds = report.event.duration_seconds
            metrics.CHECK_DURATION.labels(report.event.outcome).observe(seconds)
