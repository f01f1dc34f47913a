"""The scheduler, on a real database and with a clock made by hand."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.services import descriptions, outbox, reaper, versions
from app.settings import Settings
from tasks import scheduler
from tests import database_fixtures
from tests.factories import rows


def late(settings: Settings) -> dt.datetime:
    patience = dt.timedelta(seconds=settings.stale_after_seconds * 20)
    return dt.datetime.now(dt.UTC) + patience


def lost_run(sessions: sessionmaker[Session], settings: Settings) -> None:
    """A run whose command was published and never heard of again."""
    with sessions.begin() as session:
        rows.run(session, settings, cases=1)
        outbox.remove(session, outbox.take(session, 10))


def republished() -> float:
    labels = {"kind": "shard", "step": "republished"}
    return REGISTRY.get_sample_value("testops_reaped_total", labels) or 0.0


def test_lost_work_is_published_again_and_counted(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    lost_run(sessions, settings)
    before = republished()
    assert scheduler.reap(sessions, late(settings), settings)
    with sessions() as session:
        assert sum(outbox.waiting_by_lane(session).values()) == 1
    assert republished() == before + 1


def test_descriptions_that_are_due_are_asked_for(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    now = dt.datetime.now(dt.UTC)
    reading = descriptions.read_bytes(rows.document(), source_url="http://api.test/openapi.json")
    with sessions.begin() as session:
        added = descriptions.add(session, reading)
        versions.schedule(session, added.id, 1, now - dt.timedelta(hours=1))
    assert scheduler.reap(sessions, now, settings)
    with sessions() as session:
        assert [message.key for message in outbox.take(session, 10)] == [added.id]


def test_one_scheduler_reaps_at_a_time(sessions: sessionmaker[Session], settings: Settings) -> None:
    lost_run(sessions, settings)
    with sessions.begin() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": scheduler.LOCK})
        assert not scheduler.reap(sessions, late(settings), settings)
    assert scheduler.reap(sessions, late(settings), settings)


def test_it_reaps_again_and_again_until_it_is_told_to_stop(
    sessions: sessionmaker[Session], settings: Settings, tmp_path: Path
) -> None:
    beat = tmp_path / "beat"
    quick = settings.model_copy(update={"reap_every_seconds": 0.01, "heartbeat_file": str(beat)})
    stop = threading.Event()
    times: list[dt.datetime] = []

    def clock() -> dt.datetime:
        times.append(dt.datetime.now(dt.UTC))
        if len(times) == 3:
            stop.set()
        return times[-1]

    scheduler.run(sessions, quick, stop, clock=clock)
    assert len(times) == 3
    assert beat.exists()


def test_a_database_that_is_away_is_waited_for() -> None:
    away = database.sessions(create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/none"))
    settings = database_fixtures.settings_for("postgresql://none/none", reap_every_seconds=0.01)
    stop = threading.Event()
    turns: list[bool] = []

    def clock() -> dt.datetime:
        turns.append(True)
        if len(turns) == 2:
            stop.set()
        return dt.datetime.now(dt.UTC)

    scheduler.run(away, settings, stop, clock=clock)
    assert len(turns) == 2


def test_a_lasting_error_ends_it(empty_database_url: str) -> None:
    settings = database_fixtures.settings_for(empty_database_url)
    engine = database.engine_of(settings)
    with pytest.raises(ProgrammingError):
        scheduler.run(
            database.sessions(engine),
            settings,
            threading.Event(),
            clock=lambda: dt.datetime.now(dt.UTC),
        )
    engine.dispose()


def test_settings_that_are_missing_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TESTOPS_DATABASE_URL", raising=False)
    monkeypatch.setenv("TESTOPS_SECRET_KEY", "x" * 40)
    with pytest.raises(SystemExit, match="TESTOPS_DATABASE_URL"):
        scheduler.main()


def test_nothing_found_is_nothing_told(capsys: pytest.CaptureFixture[str]) -> None:
    scheduler._tell(reaper.Reaped())
    assert "reaper" not in capsys.readouterr().out
