from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.ai.providers.provider import Usage
from app.domain.budget import Spent
from app.models import ModelRequest, Suite
from app.services import generations
from app.services.assistance import ledger
from app.services.assistance.ledger import Entry, Totals
from app.settings import Settings
from tests.factories import rows

NOW = dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC)
PRICE = (Decimal(1), Decimal(2))


def entry(session: Session, suite: Suite) -> Entry:
    generation = generations.request(session, suite.id, provider="model")
    session.flush()
    return Entry(suite.id, generation.id, "gemini", "m", Usage(500, 100), PRICE)


def test_a_request_counts_with_the_most_it_may_take_until_it_is_settled(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy)
    ours = entry(session, suite)
    request_id = ledger.note(session, ours, NOW)
    assert ledger.spent(session, suite.id, NOW) == Spent(600, 700, 1, 0.0)
    ledger.settle(session, request_id, ours, Usage(50, 10), "answered")
    assert ledger.spent(session, suite.id, NOW) == Spent(60, 70, 1, 0.0)
    assert ledger.totals(session, ours.generation_id) == Totals(1, 50, 10, 70)


def test_what_was_taken_in_another_month_or_by_another_suite_does_not_count(
    session: Session, policy: Settings
) -> None:
    suite, other = rows.suite(session, policy), rows.suite(session, policy)
    ledger.note(session, entry(session, suite), dt.datetime(2026, 2, 28, 23, 59, tzinfo=dt.UTC))
    ledger.note(session, entry(session, other), NOW)
    assert ledger.spent(session, suite.id, NOW) == Spent()


def test_the_last_minute_is_known(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    ours = entry(session, suite)
    for seconds in (10, 40, 61):
        ledger.note(session, ours, NOW - dt.timedelta(seconds=seconds))
    spent = ledger.spent(session, suite.id, NOW)
    assert (spent.requests, spent.oldest_seconds) == (2, 40.0)


def test_nothing_asked_is_nothing_taken(session: Session, policy: Settings) -> None:
    assert ledger.totals(session, rows.NOWHERE) == Totals()


def test_questions_of_a_suite_take_turns(sessions: sessionmaker[Session]) -> None:
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        raise InterruptedError

    with ledger.turn(sessions, "one", wait):
        with ledger.turn(sessions, "another", wait):
            assert waited == []
        with pytest.raises(InterruptedError), ledger.turn(sessions, "one", wait):
            pytest.fail("two at once")
    with ledger.turn(sessions, "one", wait):
        assert len(waited) == 1


def test_what_is_asked_goes_with_its_suite(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy)
    ledger.note(session, entry(session, suite), NOW)
    session.delete(suite)
    session.flush()
    assert session.query(ModelRequest).count() == 0
