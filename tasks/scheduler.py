"""`python -m tasks.scheduler`: every few seconds, what is due and what was lost on the way.

The reaper looks for lost work; descriptions whose time has come are fetched again by a generator.

A process of its own and not Celery's beat: what it does must work when Kafka does not.
"""

from __future__ import annotations

import datetime as dt
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from app import database, logging, metrics
from app.errors import PlatformError
from app.services import reaper, versions
from app.settings import Settings, read
from bridge import process, retries
from bridge.heartbeat import Heartbeat

#: Any constant: of several schedulers, the one that holds this advisory lock reaps.
LOCK = 0x7E57_5CED

_LOOP = "scheduler"
_log = structlog.stdlib.get_logger(__name__)


def reap(sessions: sessionmaker[Session], now: dt.datetime, settings: Settings) -> bool:
    """Reap once, and ask for what is due; false where another scheduler is at it."""
    with sessions.begin() as session:
        if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
            return False
        reaped = reaper.reap(session, now, settings=settings)
        versions.ask_for_due(session, now)
    _tell(reaped)
    return True


def _tell(reaped: reaper.Reaped) -> None:
    metrics.REAPED.labels("shard", "republished").inc(reaped.shards)
    metrics.REAPED.labels("generation", "republished").inc(reaped.generations)
    metrics.REAPED.labels("case", "given_up").inc(reaped.cases_given_up)
    metrics.REAPED.labels("generation", "given_up").inc(reaped.generations_given_up)
    if reaped != reaper.Reaped():
        _log.warning("reaper.found_lost_work", **asdict(reaped))


def run(
    sessions: sessionmaker[Session],
    settings: Settings,
    stop: threading.Event,
    *,
    clock: Callable[[], dt.datetime],
) -> None:
    """Reap every `settings.reap_every_seconds` until `stop` is set.

    Waits while the database is away.
    """
    heartbeat = Heartbeat(settings.heartbeat_file, [_LOOP])
    while not stop.is_set():
        heartbeat.beat(_LOOP)
        try:
            reap(sessions, clock(), settings)
        except SQLAlchemyError as error:
            if not retries.is_transient(error):
                raise
            _log.warning("scheduler.waited", reason=str(error))
        stop.wait(settings.reap_every_seconds)


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    try:
        settings = read(Settings)
    except PlatformError as error:
        sys.exit(f"scheduler: {error}")
    logging.configure(settings, process=_LOOP)
    process.serve_metrics(settings)
    engine = database.engine_of(settings)
    try:
        run(database.sessions(engine), settings, process.until_told(), clock=_now)
    finally:
        engine.dispose()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


if __name__ == "__main__":
    main()
