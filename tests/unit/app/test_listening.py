"""Waking by PostgreSQL's notifications."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from app.listening import Listener
from app.messages import commands
from app.services import outbox

LONG = 20.0


@pytest.fixture
def alarm(engine: Engine) -> Iterator[Listener]:
    with closing(Listener(engine, outbox.CHANNEL, sleep=lambda _seconds: None)) as made:
        yield made


def elapsed(alarm: Listener, seconds: float) -> float:
    started = time.monotonic()
    alarm.wait(seconds)
    return time.monotonic() - started


def test_the_first_wait_returns_at_once_since_messages_may_be_older(alarm: Listener) -> None:
    assert elapsed(alarm, LONG) < LONG / 2


def test_a_committed_message_ends_the_wait(
    alarm: Listener, sessions: sessionmaker[Session]
) -> None:
    alarm.wait(LONG)

    def ask() -> None:
        with sessions.begin() as session:
            outbox.add_command(session, commands.write_cases("g"))

    asking = threading.Timer(0.1, ask)
    asking.start()
    assert elapsed(alarm, LONG) < LONG / 2
    asking.join()


def test_without_a_message_the_wait_ends_in_time(alarm: Listener) -> None:
    alarm.wait(LONG)
    assert 0.1 <= elapsed(alarm, 0.1) < LONG / 2


def test_a_lost_connection_is_made_again(alarm: Listener, engine: Engine) -> None:
    alarm.wait(LONG)
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
            )
        )
    # A wait to hear of the loss, one to connect, one that lasts; the farewell may come in pieces.
    assert any(elapsed(alarm, 0.1) >= 0.1 for _ in range(6))


def test_a_database_that_is_away_is_waited_for() -> None:
    slept: list[float] = []
    away = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    Listener(away, outbox.CHANNEL, sleep=slept.append).wait(3.0)
    assert slept == [3.0]
