"""Finished runs on their way to people."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.errors import UnavailableError
from app.messages.events import GenerationFinished, RunFinished
from app.models import Notification
from app.services import channels, results
from app.settings import Settings
from bridge.handlers.notifications import NotificationsHandler
from tests.factories import rows
from tests.unit.bridge.handlers.received import batch


class Post:
    """Keeps what is sent; refuses URLs that hold the word "full"."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    def send(self, url: str, *, title: str, text: str) -> None:
        if "full" in url:
            raise UnavailableError("The box is full.")
        self.sent.append((url, title, text))


@pytest.fixture
def post() -> Post:
    return Post()


def finished(sessions: sessionmaker[Session], settings: Settings, *urls: str) -> RunFinished:
    """A red run of a suite with a channel for each URL."""
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=1)
        for url in urls:
            channels.add(
                session, run.suite_id, name="c", url=url, rule="failure", settings=settings
            )
        [case_id] = rows.case_ids(session, run.id)
        results.apply(session, rows.finished_case(run.id, case_id, Outcome.FAILED))
        return RunFinished(run.id, run.suite_id, "finished", 0, 1, 0, 0)


def states(sessions: sessionmaker[Session]) -> list[tuple[str, str]]:
    with sessions() as session:
        found = session.scalars(select(Notification).where(Notification.channel_id.is_not(None)))
        return sorted((one.status, one.error) for one in found)


def test_every_channel_that_asks_gets_the_message_once(
    sessions: sessionmaker[Session], settings: Settings, post: Post
) -> None:
    event = finished(sessions, settings, "json://one", "json://two")
    handler = NotificationsHandler(sessions, post, settings)
    handler.handle(batch(event))
    handler.handle(batch(event))
    assert sorted(url for url, _, _ in post.sent) == ["json://one", "json://two"]
    assert all(event.run_id in text for _, _, text in post.sent)
    assert states(sessions) == [("delivered", "")] * 2


def test_a_channel_that_fails_is_noted_and_stops_no_other(
    sessions: sessionmaker[Session], settings: Settings, post: Post
) -> None:
    event = finished(sessions, settings, "json://full", "json://two")
    NotificationsHandler(sessions, post, settings).handle(batch(event))
    assert [url for url, _, _ in post.sent] == ["json://two"]
    assert states(sessions) == [("delivered", ""), ("failed", "The box is full.")]


def test_without_channels_there_is_the_notice_in_the_application(
    sessions: sessionmaker[Session], settings: Settings, post: Post
) -> None:
    event = finished(sessions, settings)
    NotificationsHandler(sessions, post, settings).handle(batch(event))
    assert post.sent == []
    with sessions() as session:
        [notice] = session.scalars(select(Notification)).all()
    assert notice.run_id == event.run_id


def test_other_events_are_left_alone(
    sessions: sessionmaker[Session], settings: Settings, post: Post
) -> None:
    event = GenerationFinished("g", "s", written=1, failed=0)
    NotificationsHandler(sessions, post, settings).handle(batch(event))
    assert post.sent == []
