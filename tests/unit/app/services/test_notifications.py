"""Messages to channels: planned once, tested, sent again on demand, and found again."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.news import Kind
from app.errors import ConflictError, NotFoundError
from app.listening import Listener
from app.models import Notification, Suite
from app.services import deliveries, notifications
from app.services.notifications import State
from app.settings import Settings
from tests.factories import messages, rows


@pytest.fixture
def suite(session: Session, policy: Settings) -> Suite:
    return rows.suite(session, policy, cases=1)


def test_the_channels_are_told_whose_rules_ask_once(
    session: Session, suite: Suite, policy: Settings
) -> None:
    red = rows.channel(session, suite, policy, Kind.FAILURE, Kind.ALERT)
    rows.channel(session, suite, policy, Kind.RECOVERY)
    kept = messages.happened(session, suite, "a", Kind.FINISH, Kind.FAILURE)
    planned = [notifications.plan(session, kept, settings=policy) for _ in range(2)]
    assert planned == [1, 0]
    assert session.scalars(select(Notification.channel_id)).all() == [red.id]


def test_where_nobody_asks_nobody_is_told(session: Session, suite: Suite, policy: Settings) -> None:
    assert messages.tell(session, suite, policy) == 0


def test_a_channel_is_tested_at_once_and_not_too_often(
    session: Session, suite: Suite, policy: Settings
) -> None:
    channel = rows.channel(session, suite, policy, digest_hours=6)
    messages.tell(session, suite, policy)
    made = notifications.test(session, channel.id)
    delivery = messages.claimed(session, policy)
    assert delivery.notification_ids == [made.id]
    assert delivery.message.items == []
    assert delivery.message.text == notifications.TEST_TEXT
    assert "a test of the channel" in delivery.message.title
    for _ in range(notifications.MOST_TESTS - 1):
        notifications.test(session, channel.id)
    with pytest.raises(ConflictError, match="wait already"):
        notifications.test(session, channel.id)


def test_what_was_given_up_is_sent_once_more_on_demand(
    session: Session, suite: Suite, policy: Settings
) -> None:
    channel = rows.channel(session, suite, policy)
    made = notifications.test(session, channel.id)
    with pytest.raises(ConflictError, match="pending"):
        notifications.again(session, made.id)
    deliveries.settle(session, messages.claimed(session, policy), error="gone", is_permanent=True)
    assert notifications.again(session, made.id).status == State.PENDING
    assert messages.claimed(session, policy).notification_ids == [made.id]
    assert notifications.get(session, made.id) is made


def test_what_was_told_inside_the_application_only_is_no_message(
    session: Session, suite: Suite, policy: Settings
) -> None:
    """Of older programs, which kept those beside the others."""
    channel = rows.channel(session, suite, policy)
    made = notifications.test(session, channel.id)
    made.channel_id = None
    with pytest.raises(NotFoundError):
        notifications.get(session, made.id)


def test_the_log_of_a_channel_and_the_last_of_each(
    session: Session, suite: Suite, policy: Settings
) -> None:
    one, other = (rows.channel(session, suite, policy) for _ in range(2))
    made = notifications.test(session, one.id)
    assert notifications.log(session, one.id).items == [made]
    assert notifications.log(session, other.id).items == []
    assert notifications.last_of_suite(session, suite.id) == {one.id: made}
    with pytest.raises(NotFoundError):
        notifications.log(session, "none")


def test_who_sends_is_woken(sessions: sessionmaker[Session], settings: Settings) -> None:
    listener = Listener(sessions.kw["bind"], notifications.CHANNEL)
    listener.wait(1)
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        rows.channel(session, suite, settings)
        messages.tell(session, suite, settings)
    assert listener.wait(20) == frozenset({""})
    listener.close()
