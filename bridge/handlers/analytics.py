"""Keeps the statistics of checks: what fails, since when, how often."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session, sessionmaker

from app import metrics
from app.messages.events import GenerationFinished, RunFinished
from app.services import statistics
from bridge.kafka.records import Received


class AnalyticsHandler:
    """Counts each finished run into the statistics, once however often its event comes."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def handle(self, batch: Sequence[Received]) -> None:
        """Count what a batch tells of; the statistics in one transaction."""
        with self._sessions.begin() as session:
            for received in batch:
                if isinstance(received.event, RunFinished):
                    statistics.apply(session, received.event.run_id)
        for received in batch:
            if isinstance(received.event, GenerationFinished):
                metrics.CASES_GENERATED.labels("written").inc(received.event.written)
                metrics.CASES_GENERATED.labels("failed").inc(received.event.failed)
