"""Tells people about finished runs: the in-app notice, and a message to each channel that asks.

A channel gets its message at least once: a process that dies between sending and writing so down
sends it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog
from sqlalchemy.orm import Session, sessionmaker

from app import metrics, tracing
from app.errors import PlatformError
from app.messages.events import RunFinished
from app.services import notifications
from app.services.notifications import Delivery
from app.settings import Settings
from bridge.kafka.records import Received

_log = structlog.stdlib.get_logger(__name__)


class Notifier(Protocol):
    """Delivers a message to a channel."""

    def send(self, url: str, *, title: str, text: str) -> None:
        """Deliver it; may block for seconds.

        Raises InvalidInputError for a URL that names no channel, UnavailableError for one that did
        not take the message; neither shows the secrets that the URL holds.
        """
        ...


class NotificationsHandler:
    """Plans the notifications of each finished run, then delivers what is pending."""

    def __init__(
        self, sessions: sessionmaker[Session], notifier: Notifier, settings: Settings
    ) -> None:
        self._sessions = sessions
        self._notifier = notifier
        self._settings = settings

    def handle(self, batch: Sequence[Received]) -> None:
        """Other events than finished runs are none of its business, for now."""
        for received in batch:
            if isinstance(received.event, RunFinished):
                with tracing.following(received.traceparent):
                    self._tell(received.event.run_id)

    def _tell(self, run_id: str) -> None:
        with self._sessions.begin() as session:
            notifications.plan(session, run_id, settings=self._settings)
            pending = notifications.pending(session, run_id, settings=self._settings)
        # Outside of the transaction: a channel may be slow, and rows would be locked meanwhile.
        for delivery in pending:
            error = self._deliver(delivery)
            with self._sessions.begin() as session:
                notifications.mark(session, delivery.notification_id, error=error)
            outcome = "failed" if error else "delivered"
            metrics.NOTIFICATIONS.labels(outcome).inc()
            _log.info("notification.sent", id=delivery.notification_id, outcome=outcome)

    def _deliver(self, delivery: Delivery) -> str:
        try:
            self._notifier.send(delivery.url, title=delivery.title, text=delivery.text)
        except PlatformError as error:
            _log.warning("notification.failed", id=delivery.notification_id, reason=str(error))
            return str(error)
        return ""
