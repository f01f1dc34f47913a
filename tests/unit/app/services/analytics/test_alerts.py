from __future__ import annotations

import datetime as dt
import math
from typing import cast

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.analytics.alerts import Kind, Limit
from app.errors import InvalidInputError, NotFoundError
from app.messages import events
from app.messages.events import Noticed
from app.models import AlertRule, OutboxMessage, RunShard, Suite
from app.services import runs
from app.services.analytics import alerts, counting
from app.settings import Settings
from tests.factories import histories, rows

LATER = dt.timedelta(minutes=5)


def counted(session: Session, policy: Settings, signs: str) -> Suite:
    suite = rows.suite(session, policy, cases=1)
    for run in histories.history(session, suite, policy, signs):
        session.expire_all()
        counting.count(session, run.id, settings=policy)
    return suite


def told(session: Session) -> list[Noticed]:
    found = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    read = [events.read(row.type, row.body) for row in found if row.type.startswith("testops.")]
    return [event for event in read if isinstance(event, Noticed) and event.kind == "alert"]


def test_a_limit_that_is_passed_is_told_once_and_once_more_when_it_is_not(
    session: Session, policy: Settings
) -> None:
    suite = counted(session, policy, "r")
    rule = alerts.add(session, suite.id, kind="pass_rate_below", limit=0.9)
    for minute in (10, 11):
        assert alerts.look(session, histories.at(minute))
    assert (rule.is_raised, rule.changed_at, rule.value) == (True, histories.at(10), 0.0)
    assert rule.looked_at == histories.at(11)
    [raised] = told(session)
    assert (raised.title, raised.suite_id) == ("Alert: pass rate below 90 %", suite.id)
    assert raised.text == "In the last run 0 % of the checks passed."
    green = histories.finished(session, suite, policy, 12, {"test_a": "g"})
    counting.count(session, green.id, settings=policy)
    alerts.look(session, histories.at(13))
    assert not rule.is_raised
    assert told(session)[1].title == "No alert any more: pass rate below 90 %"
    assert told(session)[1].key != raised.key


def test_a_limit_may_be_of_one_operation(session: Session, policy: Settings) -> None:
    suite = counted(session, policy, "gg")
    slow = alerts.add(session, suite.id, kind="p95_above", limit=0.5, operation="GET /pets-1")
    red = alerts.add(session, suite.id, kind="pass_rate_below", limit=1, operation="GET /pets-1")
    none = alerts.add(session, suite.id, kind="p95_above", limit=0.5, operation="GET /toys")
    whole = alerts.add(session, suite.id, kind="p95_above", limit=0.5)
    alerts.look(session, histories.at(10))
    assert [each.is_raised for each in (slow, red, none, whole)] == [True, False, False, True]
    assert (slow.value, red.value, none.value, whole.value) == (1.0, 1.0, None, 1.0)


def test_a_suite_of_which_nothing_was_decided_has_no_rate(
    session: Session, policy: Settings
) -> None:
    suite = counted(session, policy, "-")
    rule = alerts.add(session, suite.id, kind="pass_rate_below", limit=0.9)
    alerts.look(session, histories.at(10))
    assert (rule.is_raised, rule.value, rule.text) == (False, None, "There is no figure yet.")


@pytest.mark.parametrize("signs", ["", "g"])
def test_silence_is_noticed(session: Session, policy: Settings, signs: str) -> None:
    """Also where nothing ever ran: then since the alert was set."""
    suite = counted(session, policy, signs)
    rule = alerts.add(session, suite.id, kind="no_run_since", limit=3600)
    session.flush()
    session.refresh(rule)
    start = histories.at(0) if signs else rule.created_at
    alerts.look(session, start + dt.timedelta(minutes=59))
    assert not rule.is_raised
    alerts.look(session, start + dt.timedelta(minutes=61))
    assert rule.is_raised
    assert rule.text == "No run has ended for 61 min."


def test_work_that_nobody_begins_is_noticed(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    rule = alerts.add(session, suite.id, kind="queue_age_above", limit=60)
    alerts.look(session, rows.now())
    assert (rule.is_raised, rule.value) == (False, None)
    run = runs.start(session, suite.id, settings=policy)
    published = session.scalars(select(RunShard.heard_at).where(RunShard.run_id == run.id)).one()
    alerts.look(session, published + LATER)
    assert (rule.is_raised, rule.value) == (True, 300.0)
    [figures] = [each for each in alerts.of_suites(session, published) if each.name == suite.name]
    assert figures.queue_age_seconds == 0


@pytest.mark.parametrize(
    ("limit", "where"),
    [
        (Limit(cast("Kind", "weather"), 1), "kind"),
        (Limit(Kind.PASS_RATE_BELOW, 1.1), "limit"),
        (Limit(Kind.P95_ABOVE, 0), "limit"),
        (Limit(Kind.P95_ABOVE, math.nan), "limit"),
        (Limit(Kind.NO_RUN_SINCE, 1e9), "limit"),
        (Limit(Kind.NO_RUN_SINCE, 60, "GET /pets-1"), "operation"),
    ],
)
def test_what_is_no_limit_is_refused(
    session: Session, policy: Settings, limit: Limit, where: str
) -> None:
    suite = rows.suite(session, policy, cases=1)
    with pytest.raises(InvalidInputError) as caught:
        alerts.add(session, suite.id, kind=limit.kind, limit=limit.limit, operation=limit.operation)
    assert caught.value.where == where


def test_alerts_of_a_suite_are_bounded(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    for _ in range(alerts.MAX_RULES):
        alerts.add(session, suite.id, kind=Kind.P95_ABOVE, limit=1)
    with pytest.raises(InvalidInputError, match="at most 50"):
        alerts.add(session, suite.id, kind=Kind.P95_ABOVE, limit=1)


def test_a_rule_is_removed_once(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    rule = alerts.add(session, suite.id, kind=Kind.P95_ABOVE, limit=1)
    assert alerts.list(session, suite.id) == [rule]
    alerts.remove(session, rule.id)
    assert session.scalars(select(AlertRule)).all() == []
    with pytest.raises(NotFoundError, match="no such alert rule"):
        alerts.remove(session, rule.id)


def test_of_several_processes_one_looks(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as first, sessions.begin() as second:
        first.execute(select(func.pg_advisory_xact_lock(alerts.LOCK)))
        assert not alerts.look(second, rows.now())
