"""Keeps what is to be told of runs, generations and what analytics has noticed, once.

Nothing is sent from here: `bridge.sending` does, so that a slow channel holds up no event.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session, sessionmaker

from app import metrics, tracing
from app.messages.events import DomainEvent, GenerationFinished, Noticed, RunFinished
from app.services import news, notifications, run_news
from app.services.news import Told
from app.settings import Settings
from bridge.kafka.records import Received

_log = structlog.stdlib.get_logger(__name__)


class NotificationsHandler:
    """Makes news of events, and notes which channels are told of it."""

    def __init__(self, sessions: sessionmaker[Session], settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings

    def handle(self, batch: Sequence[Received]) -> None:
        """Each event in a transaction of its own; what was told already is passed over."""
        for received in batch:
            with tracing.following(received.traceparent):
                self._take(received.event)

    def _take(self, event: DomainEvent) -> None:
        with self._sessions.begin() as session:
            told = _told(session, event)
            kept = news.keep(session, told) if told else None
            if kept is None:
                return
            channels = notifications.plan(session, kept, settings=self._settings)
            kind, key = kept.kind, kept.key
        metrics.NEWS.labels(kind).inc()
        _log.info("news.kept", kind=kind, key=key, channels=channels)


def _told(session: Session, event: DomainEvent) -> Told | None:
    if isinstance(event, RunFinished):
        return run_news.of_run(session, event.run_id)
    if isinstance(event, GenerationFinished):
        return run_news.of_generation(session, event.generation_id)
    if isinstance(event, Noticed):
        return Told(
            key=event.key,
            suite_id=event.suite_id,
            kinds=[event.kind],
            title=event.title,
            text=event.text,
            run_id=event.run_id,
        )
    return None
