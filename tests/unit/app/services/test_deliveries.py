"""Messages on their way to channels: claimed by one, tried, and settled for good."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.domain import redelivery
from app.domain.news import Kind
from app.domain.outcomes import Outcome
from app.models import Channel, Notification, Suite
from app.services import channels, deliveries, news, notifications
from app.services.deliveries import Delivery, End
from app.services.news import Told
from app.services.notifications import State
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import messages, rows


@pytest.fixture
def suite(session: Session, policy: Settings) -> Suite:
    return rows.suite(session, policy, cases=1)


def row(session: Session, delivery: Delivery) -> Notification:
    [identifier] = delivery.notification_ids
    return session.get_one(Notification, identifier, populate_existing=True)


def test_a_message_has_title_text_and_link(
    session: Session, suite: Suite, policy: Settings
) -> None:
    channel = rows.channel(session, suite, policy)
    run = rows.finished_run(session, suite, policy, Outcome.PASSED)
    kept = news.keep(session, Told("a", suite.id, [Kind.FINISH], "done", "1 passed", run.id))
    assert kept is not None
    notifications.plan(session, kept, settings=policy)
    delivery = messages.claimed(session, policy)
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
    messages.tell(session, suite, policy)
    delivery = messages.claimed(session, policy)
    assert deliveries.claim(session, settings=policy) is None
    assert row(session, delivery).attempts[0]["error"] is None
    assert deliveries.settle(session, delivery) is End.DELIVERED
    told = row(session, delivery)
    assert (told.status, told.error, told.claimed_until) == ("delivered", "", None)
    assert told.delivered_at is not None
    assert [attempt["error"] for attempt in told.attempts] == [""]
    assert deliveries.claim(session, settings=policy) is None


def test_what_did_not_arrive_is_tried_again_until_it_is_given_up(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    messages.tell(session, suite, policy)
    ends = []
    for number in range(len(redelivery.PAUSES) + 1):
        delivery = messages.claimed(session, policy)
        ends.append(deliveries.settle(session, delivery, error=f"no {number}\x00"))
        assert deliveries.claim(session, settings=policy) is None
        messages.pass_time(session)
    assert ends == [End.RETRIED] * len(redelivery.PAUSES) + [End.FAILED]
    told = row(session, delivery)
    assert (told.status, told.error) == ("failed", "no 7\u2400")
    assert [attempt["error"] for attempt in told.attempts][:2] == ["no 0\u2400", "no 1\u2400"]
    assert deliveries.claim(session, settings=policy) is None


def test_a_permanent_error_stops_and_a_wait_that_was_asked_for_is_kept(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    messages.tell(session, suite, policy)
    delivery = messages.claimed(session, policy)
    wait = dt.timedelta(minutes=7)
    deliveries.settle(session, delivery, error="busy", asked_wait=wait)
    now = session.scalars(select(func.now())).one()
    assert row(session, delivery).due_at - now == wait
    messages.pass_time(session)
    delivery = messages.claimed(session, policy)
    assert deliveries.settle(session, delivery, error="gone", is_permanent=True) is End.FAILED


def test_a_message_whose_sender_died_is_sent_again_and_the_log_says_so(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    messages.tell(session, suite, policy)
    lost = messages.claimed(session, policy)
    messages.pass_time(session)
    again = messages.claimed(session, policy)
    assert again.message.id == lost.message.id
    assert deliveries.settle(session, lost, error="late") is End.LOST
    assert deliveries.settle(session, again) is End.DELIVERED
    errors = [attempt["error"] for attempt in row(session, again).attempts]
    assert errors == [deliveries.UNKNOWN, ""]


def test_two_who_claim_at_once_never_get_the_same(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        for _ in range(2):
            rows.channel(session, suite, settings)
        messages.tell(session, suite, settings)
    with sessions.begin() as one, sessions.begin() as other, sessions.begin() as third:
        claims = [deliveries.claim(each, settings=settings) for each in (one, other, third)]
    found = [claim.notification_ids[0] for claim in claims if claim]
    assert len(set(found)) == 2
    assert claims[2] is None


def test_what_was_taken_between_looking_and_holding_is_left_alone(
    session: Session, suite: Suite, policy: Settings
) -> None:
    """The channel was held by another process, which has committed, when it was locked."""
    rows.channel(session, suite, policy)
    messages.tell(session, suite, policy)
    first = session.scalars(select(Notification)).one()
    channel = session.scalars(select(Channel)).one()
    assert deliveries._alike(first, channel, []) == []


def test_a_digest_waits_and_tells_all_at_once(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy, digest_hours=6)
    messages.tell(session, suite, policy, "a")
    messages.tell(session, suite, policy, "b")
    assert deliveries.claim(session, settings=policy) is None
    [due] = set(session.scalars(select(Notification.due_at)))
    now = session.scalars(select(func.now())).one()
    assert due - now == dt.timedelta(hours=6)
    messages.pass_time(session)
    delivery = messages.claimed(session, policy)
    assert delivery.message.title == f"{suite.name}: 2 pieces of news"
    assert len(delivery.notification_ids) == 2
    link = f"http://127.0.0.1:8000/suites/{suite.id}"
    assert sorted(delivery.message.text.split("\n\n")) == [
        f"{suite.name}: title {key}\ntext {key}\n{link}" for key in "ab"
    ]
    assert deliveries.settle(session, delivery) is End.DELIVERED
    assert set(session.scalars(select(Notification.status))) == {State.DELIVERED}


def test_a_channel_whose_secret_cannot_be_opened_is_given_up_on(
    session: Session, suite: Suite, policy: Settings
) -> None:
    rows.channel(session, suite, policy)
    messages.tell(session, suite, policy)
    other_key = settings_for("postgresql://nowhere/none", secret_key="k" * 40)
    assert deliveries.claim(session, settings=other_key) is None
    [failed] = session.scalars(select(Notification).execution_options(populate_existing=True))
    assert failed.status == State.FAILED
    assert "seal" in failed.error
