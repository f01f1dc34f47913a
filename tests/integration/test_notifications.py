"""Messages to channels while the processes that send them die."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.models import Notification
from app.services import deliveries, notifications
from app.settings import Settings
from tests import database_fixtures, kafka_fixtures
from tests.factories import rows
from tests.fakes.target import Answer, Target
from tests.processes import SECRET, Processes
from tests.waiting import wait_until


@pytest.fixture
def settings(database_url: str) -> Settings:
    return database_fixtures.settings_for(database_url, secret_key=SECRET)


@pytest.fixture
def processes(settings: Settings, tmp_path: Path) -> Iterator[Processes]:
    with kafka_fixtures.embedded(tmp_path) as brokers:
        made = Processes(
            tmp_path,
            database_url=settings.database_url.get_secret_value(),
            brokers=brokers,
            topic_creation="auto",
        )
        yield made
        made.stop()


def test_a_sender_that_is_killed_in_the_middle_is_followed_by_another(
    processes: Processes, sessions: sessionmaker[Session], settings: Settings
) -> None:
    """Two never send the same at once; after a crash the log says what nobody knows."""
    may_answer = threading.Event()

    def answer(_path: str) -> Answer:
        may_answer.wait(60)
        return Answer(204)

    def message() -> Notification:
        with sessions() as session:
            return session.scalars(select(Notification)).one()

    with Target({"POST /in": answer}) as hook:
        first = processes.bridge("notifications")
        first.wait_ready()
        with sessions.begin() as session:
            suite = rows.suite(session, settings, cases=1)
            channel = rows.channel(session, suite, settings, place=f"{hook.url}/in?t=s3cret")
            notifications.test(session, channel.id)
        wait_until(lambda: len(hook.asked) == 1, "the message is on its way")
        second = processes.bridge("notifications")
        second.wait_ready()
        first.kill()
        [attempt] = message().attempts
        assert (message().status, attempt["error"]) == ("pending", None)
        may_answer.set()
        with sessions.begin() as session:
            past = func.now() - dt.timedelta(seconds=1)
            session.execute(update(Notification).values(claimed_until=past))
        wait_until(lambda: message().status == "delivered", "the other has sent it")
    assert [one["error"] for one in message().attempts] == [deliveries.UNKNOWN, ""]
    assert [asked.headers["webhook-id"] for asked in hook.asked] == [message().id] * 2
    assert not [log for log in processes.logs() if "s3cret" in log]
