from __future__ import annotations

import datetime as dt

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import create_engine, select
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from app.models import AlertRule, Suite
from app.services.analytics import alerts, counting
from app.settings import Settings
from bridge.watch import EVERY, Watch
from tests.factories import histories, rows


class Clock:
    def __init__(self) -> None:
        self.now = histories.at(60)

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def suite(sessions: sessionmaker[Session], settings: Settings) -> Suite:
    """A suite that is red, and an alert of that."""
    with sessions.begin() as session:
        made = rows.suite(session, settings, cases=1)
        [run] = histories.history(session, made, settings, "r")
        counting.count(session, run.id, settings=settings)
        alerts.add(session, made.id, kind="pass_rate_below", limit=0.5)
        return made


def shown(name: str, suite: Suite, **more: str) -> float | None:
    labels = {"suite": suite.id, "name": suite.name, **more}
    return REGISTRY.get_sample_value(f"testops_{name}", labels)


def test_it_looks_now_and_then_and_shows_what_it_saw(
    sessions: sessionmaker[Session], suite: Suite
) -> None:
    clock = Clock()
    watch = Watch(sessions, clock=clock)
    watch.turn()
    with sessions() as session:
        rule = session.scalars(select(AlertRule)).one()
    assert (rule.is_raised, rule.looked_at) == (True, clock.now)
    labels = {"kind": "pass_rate_below", "alert": rule.id}
    assert shown("alert_raised", suite, **labels) == 1
    assert shown("suite_pass_rate", suite) == 0
    assert shown("suite_duration_p95_seconds", suite) == 1
    assert shown("suite_last_run_timestamp_seconds", suite) == histories.at(0).timestamp()
    assert shown("suite_queue_age_seconds", suite) is None
    with sessions.begin() as session:
        session.delete(session.merge(rule))
    watch.turn()
    assert shown("alert_raised", suite, **labels) == 1, "it is not time yet"
    clock.now += EVERY
    watch.turn()
    assert shown("alert_raised", suite, **labels) is None


def test_a_suite_that_never_ran_has_no_last_run(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        made = rows.suite(session, settings, cases=1)
    Watch(sessions, clock=Clock()).turn()
    assert shown("suite_last_run_timestamp_seconds", made) is None


def test_a_database_that_is_away_is_asked_again_later() -> None:
    away = sessionmaker(create_engine("postgresql+psycopg2://127.0.0.1:1/none"))
    Watch(away, clock=Clock()).turn()


def test_any_other_trouble_is_not_hidden(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url.replace("postgresql:", "postgresql+psycopg2:"))
    with pytest.raises(ProgrammingError):
        Watch(sessionmaker(engine), clock=Clock()).turn()
    engine.dispose()
