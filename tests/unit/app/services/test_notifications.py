"""Messages on their way to channels: planned once, claimed by one, settled for good."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from app.domain import redelivery
from app.domain.news import Kind
from app.domain.outcomes import Outcome
from app.errors import ConflictError, NotFoundError
from app.listening import Listener
from app.models import Channel, News, Notification, Suite
from app.services import channels, news, notifications
from app.services.news import Told
from app.services.notifications import Delivery, End, State
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows

LONG_AGO = dt.timedelta(days=1)


@pytest.fixture
def suite(session: Session, policy: Settings) -> Suite:
    return rows.suite(session, policy, cases=1)


def happened(session: Session, suite: Suite, key: str = "a", *kinds: Kind) -> News:
    kept = news.keep(
        session, Told(key, suite.id, kinds or [Kind.FINISH], f"title {key}", f"text {key}")
    )
    assert kept is not None
    return kept


def tell(session: Session, suite: Suite, policy: Settings, key: str = "a", *kinds: Kind) -> int:
    return notifications.plan(session, happened(session, suite, key, *kinds), settings=policy)


def claimed(session: Session, policy: Settings) -> Delivery:
    session.flush()
    found = notifications.claim(session, settings=policy)
    assert found is not None
    return found


def row(session: Session, delivery: Delivery) -> Notification:
    [identifier] = delivery.notification_ids
    return session.get_one(Notification, identifier, populate_existing=True)


def pass_time(session: Session) -> None:
    """Whatever waits is due, and whoever held it has been silent for too long."""
    session.execute(
        update(Notification).values(
            due_at=func.now() - LONG_AGO,
            claimed_until=Notification.claimed_until - LONG_AGO,
        )
    )


def test_the_channels_are_told_whose_rules_ask_once(
    session: Session, suite: Suite, policy: Settings
) -> None:
    red = rows.channel(session, suite, policy, Kind.FAILURE, Kind.ALERT)
    rows.channel(session, suite, policy, Kind.RECOVERY)
    kept = happened(session, suite, "a", Kind.FINISH, Kind.FAILURE)
    planned = [notifications.plan(session, kept, settings=policy) for _ in range(2)]
    assert planned == [1, 0]
    assert session.scalars(select(Notification.channel_id)).all() == [red.id]


def test_where_nobody_asks_nobody_is_told(session: Session, suite: Suite, policy: Settings) -> None:
    assert tell(session, suite, policy) == 0


def test_a_message_has_title_text_and_link(
    session: Session, suite: Suite, policy: Settings
) -> None:
    channel = rows.channel(session, suite, policy)
    run = rows.finished_run(session, suite, policy, Outcome.PASSED)
    kept = news.keep(session, Told("a", suite.id, [Kind.FINISH], "done", "1 passed", run.id))
    assert kept is not None
    notifications.plan(session, kept, settings=policy)
    delivery = claimed(session, policy)
    link = f"http://127.0.0.1:8000/runs/{run.id}"
    assert delivery.address == channels.address_of(channel, policy)
    assert delivery.message.title == f"{suite.name}: done"
    assert delivery.message.text == f"1 passed\n{link}"
    [item] = delivery.message.items
    assert (item.kinds, item.link, item.run_id) == (["finish"], link, run.id)
    assert row(session, delivery).text == delivery.message.text


def test_what_is_claimed_is_claimed_by_nobody_else_and_then_settled(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    tell(session, suite, policy)
    delivery = claimed(session, policy)
    assert notifications.claim(session, settings=policy) is None
    assert row(session, delivery).attempts[0]["error"] is None
    assert notifications.settle(session, delivery) is End.DELIVERED
    told = row(session, delivery)
    assert (told.status, told.error, told.claimed_until) == ("delivered", "", None)
    assert told.delivered_at is not None
    assert [attempt["error"] for attempt in told.attempts] == [""]
    assert notifications.claim(session, settings=policy) is None


def test_what_did_not_arrive_is_tried_again_until_it_is_given_up(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    tell(session, suite, policy)
    ends = []
    for number in range(len(redelivery.PAUSES) + 1):
        delivery = claimed(session, policy)
        ends.append(notifications.settle(session, delivery, error=f"no {number}\x00"))
        assert notifications.claim(session, settings=policy) is None
        pass_time(session)
    assert ends == [End.RETRIED] * len(redelivery.PAUSES) + [End.FAILED]
    told = row(session, delivery)
    assert (told.status, told.error) == ("failed", "no 7\u2400")
    assert [attempt["error"] for attempt in told.attempts][:2] == ["no 0\u2400", "no 1\u2400"]
    assert notifications.claim(session, settings=policy) is None


def test_a_permanent_error_stops_and_a_wait_that_was_asked_for_is_kept(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    tell(session, suite, policy)
    delivery = claimed(session, policy)
    wait = dt.timedelta(minutes=7)
    notifications.settle(session, delivery, error="busy", asked_wait=wait)
    now = session.scalars(select(func.now())).one()
    assert row(session, delivery).due_at - now == wait
    pass_time(session)
    delivery = claimed(session, policy)
    assert notifications.settle(session, delivery, error="gone", is_permanent=True) is End.FAILED


def test_a_message_whose_sender_died_is_sent_again_and_the_log_says_so(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    tell(session, suite, policy)
    lost = claimed(session, policy)
    pass_time(session)
    again = claimed(session, policy)
    assert again.message.id == lost.message.id
    assert notifications.settle(session, lost, error="late") is End.LOST
    assert notifications.settle(session, again) is End.DELIVERED
    errors = [attempt["error"] for attempt in row(session, again).attempts]
    assert errors == [notifications.UNKNOWN, ""]


def test_two_who_claim_at_once_never_get_the_same(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        for _ in range(2):
            rows.channel(session, suite, settings)
        tell(session, suite, settings)
    with sessions.begin() as one, sessions.begin() as other, sessions.begin() as third:
        claims = [notifications.claim(each, settings=settings) for each in (one, other, third)]
    found = [claim.notification_ids[0] for claim in claims if claim]
    assert len(set(found)) == 2
    assert claims[2] is None


def test_what_was_taken_between_looking_and_holding_is_left_alone(
    session: Session, suite: Suite, policy: Settings
) -> None:
    """The channel was held by another process, which has committed, when it was locked."""
    rows.channel(session, suite, policy)
    tell(session, suite, policy)
    first = session.scalars(select(Notification)).one()
    channel = session.scalars(select(Channel)).one()
    assert notifications._alike(first, channel, []) == []


def test_a_digest_waits_and_tells_all_at_once(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy, digest_hours=6)
    tell(session, suite, policy, "a")
    tell(session, suite, policy, "b")
    assert notifications.claim(session, settings=policy) is None
    [due] = set(session.scalars(select(Notification.due_at)))
    now = session.scalars(select(func.now())).one()
    assert due - now == dt.timedelta(hours=6)
    pass_time(session)
    delivery = claimed(session, policy)
    assert delivery.message.title == f"{suite.name}: 2 pieces of news"
    assert len(delivery.notification_ids) == 2
    link = f"http://127.0.0.1:8000/suites/{suite.id}"
    assert sorted(delivery.message.text.split("\n\n")) == [
        f"{suite.name}: title {key}\ntext {key}\n{link}" for key in "ab"
    ]
    assert notifications.settle(session, delivery) is End.DELIVERED
    assert set(session.scalars(select(Notification.status))) == {State.DELIVERED}


def test_a_channel_is_tested_at_once_and_not_too_often(
    session: Session, suite: Suite, policy: Settings
) -> None:
    channel = rows.channel(session, suite, policy, digest_hours=6)
    tell(session, suite, policy)
    made = notifications.test(session, channel.id)
    delivery = claimed(session, policy)
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
    notifications.settle(session, claimed(session, policy), error="gone", is_permanent=True)
    assert notifications.again(session, made.id).status == State.PENDING
    assert claimed(session, policy).notification_ids == [made.id]
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


def test_a_channel_whose_secret_cannot_be_opened_is_given_up_on(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    tell(session, suite, policy)
    other_key = settings_for("postgresql://nowhere/none", secret_key="k" * 40)
    assert notifications.claim(session, settings=other_key) is None
    [failed] = session.scalars(select(Notification).execution_options(populate_existing=True))
    assert failed.status == State.FAILED
    assert "seal" in failed.error


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
        tell(session, suite, settings)
    assert listener.wait(20) == frozenset({""})
    listener.close()
