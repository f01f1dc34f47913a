"""Keeps what all runs of a suite say together: what fails, since when, why, and what is unusual."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session, sessionmaker

from app import metrics, tracing
from app.messages.events import GenerationFinished, RunFinished
from app.services.analytics import counting
from app.settings import Settings
from bridge.kafka.records import Received

_log = structlog.stdlib.get_logger(__name__)


class AnalyticsHandler:
    """Counts each finished run in, once however often its event comes."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings

    def handle(self, batch: Sequence[Received]) -> None:
        """Count what a batch tells of, each run in a transaction of its own.

        One for all would hold several suites, in an order in which another process might not.
        """
        for received in batch:
            if isinstance(received.event, RunFinished):
                with tracing.following(received.traceparent):
                    self._count(received.event.run_id)
        for received in batch:
            if isinstance(received.event, GenerationFinished):
                metrics.CASES_GENERATED.labels("written").inc(received.event.written)
                metrics.CASES_GENERATED.labels("failed").inc(received.event.failed)

    def _count(self, run_id: str) -> None:
        with self._sessions.begin() as session:
            counted = counting.count(session, run_id, settings=self._settings)
        metrics.RUNS_ANALYSED.inc(counted)
        _log.info("run.analysed", run=run_id, counted=counted)
