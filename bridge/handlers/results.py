"""Writes what runners report into the database: the only writer of results, and of runners."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session, sessionmaker

from app import metrics, tracing
from app.domain.results import CheckFinished
from app.errors import InvalidInputError
from app.messages.events import Reported, RunnerStarted, ShardReturned
from app.services import results, runners, shards
from app.settings import Settings
from bridge.kafka.records import Received

#: What else than reports runners tell.
_OTHERS = (RunnerStarted, ShardReturned)

_log = structlog.stdlib.get_logger(__name__)


class ResultsHandler:
    """Applies each batch in one transaction; repeated reports are dropped and counted.

    Shards that runners gave back are published again after it, each in a transaction of its own:
    no two runs are held in an order in which another writer might not hold them.
    """

    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings

    def handle(self, batch: Sequence[Received]) -> None:
        """Raises InvalidInputError for an event of another topic; nothing is written then."""
        started = [each.event for each in batch if isinstance(each.event, RunnerStarted)]
        reports = [_report(each) for each in batch if not isinstance(each.event, _OTHERS)]
        with self._sessions.begin() as session:
            for runner in started:
                runners.hear(session, runner)
            applied = results.apply(session, reports)
        _count(applied, reports)
        for each in batch:
            if isinstance(each.event, ShardReturned):
                with tracing.following(each.traceparent):
                    self._take_back(each.event)

    def _take_back(self, shard: ShardReturned) -> None:
        with self._sessions.begin() as session:
            is_open = shards.take_back(session, shard, settings=self._settings)
        _log.info("shard.taken_back", run=shard.run_id, shard=shard.shard, is_open=is_open)


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
