"""The loop that sends what is due to channels, and tries again what did not arrive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.orm import Session, sessionmaker

from app import metrics
from app.domain.channels import Service
from app.errors import PlatformError
from app.listening import Listener
from app.services import deliveries
from app.services.deliveries import Delivery
from app.settings import Settings
from bridge import retries
from bridge.notifiers.notifier import Notifier
from bridge.notifiers.outgoing import LaterError

#: Channels that are sent to at the same time: a slow one holds up no other.
AT_ONCE: Final = 4

#: How often is looked for what has become due without anybody saying so.
TURN_SECONDS: Final = 1.0

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what is due; several of them, in several processes, never send the same at once."""

    sessions: sessionmaker[Session]
    notifiers: Mapping[Service, Notifier]
    settings: Settings

    def send_due(self) -> bool:
        """Send what is due to one channel; whether anything was."""
        with self.sessions.begin() as session:
            delivery = deliveries.claim(session, settings=self.settings)
        if delivery is None:
            return False
        error = self._attempt(delivery)
        with self.sessions.begin() as session:
            outcome = deliveries.settle(
                session,
                delivery,
                error=str(error or ""),
                is_permanent=error is not None and error.permanent,
                asked_wait=error.wait if isinstance(error, LaterError) else None,
            )
        self._tell(delivery, outcome, error)
        return True

    def _attempt(self, delivery: Delivery) -> PlatformError | None:
        try:
            self.notifiers[delivery.service].send(delivery.address, delivery.message)
        except PlatformError as error:
            return error
        except Exception as error:  # noqa: BLE001 - one message never ends the loop for all others
            # Its text may hold the channel's address.
            return LaterError(f"It broke: {type(error).__name__}.")
        return None

    def _tell(self, delivery: Delivery, outcome: str, error: PlatformError | None) -> None:
        metrics.NOTIFICATIONS.labels(outcome).inc()
        _log.info(
            "notification.tried",
            id=delivery.message.id,
            service=delivery.service,
            outcome=outcome,
            reason=str(error or ""),
        )


def run(
    sender: Sender,
    alarm: Listener,
    *,
    stop: threading.Event,
    on_turn: Callable[[], None] = lambda: None,
    at_once: int = AT_ONCE,
) -> None:
    """Send until `stop` is set; waits while the database is away.

    Who sends goes on until nothing is due; another one is added each turn, up to `at_once`.
    """

    def send_all() -> None:
        while not stop.is_set() and sender.send_due():
            pass

    jobs: set[Future[None]] = set()
    with ThreadPoolExecutor(at_once, thread_name_prefix="sending") as pool:
        while not stop.is_set():
            on_turn()
            jobs = {job for job in jobs if not _is_done(job)}
            if len(jobs) < at_once:
                jobs.add(pool.submit(send_all))
            alarm.wait(TURN_SECONDS)
    for job in jobs:
        _is_done(job)


def _is_done(job: Future[None]) -> bool:
    """Whether it has ended; raises what it broke on, unless that may pass."""
    if not job.done():
        return False
    error = job.exception()
    if error is not None:
        if not retries.is_transient(error):
            raise error
        _log.warning("sending.waited", reason=str(error))
    return True
