"""Shards that a runner gives back."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy.orm import Session

from app import tracing
from app.domain.outcomes import Outcome
from app.domain.results import CaseStarted
from app.messages import commands
from app.messages.events import ShardReturned
from app.messages.sealing import Seal
from app.models import RunShard
from app.models.base import new_id
from app.services import outbox, reaper, results, runs, shards
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows


def publish(session: Session) -> list[str]:
    """What the relay does; the task ids of what was sent."""
    messages = outbox.take(session, 100)
    outbox.remove(session, messages)
    return [message.message_id for message in messages]


def test_what_was_not_begun_is_published_at_once(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=3)
    done, *left = rows.case_ids(session, run.id)
    publish(session)
    results.apply(session, rows.finished_case(run.id, done, Outcome.PASSED))
    assert shards.take_back(session, ShardReturned(run.id, 0, 1), settings=policy)
    [message] = outbox.take(session, 10)
    assert message.message_id == f"shard-{run.id}-0-2"
    shard = commands.open_shard(json.loads(message.body)["sealed_shard"], Seal(policy.secret))
    assert (shard.number, shard.attempt) == (0, 2)
    assert [case.case_id for case in shard.cases] == left


def test_what_a_run_asks_for_belongs_to_the_trace_of_the_request_that_started_it(
    session: Session, policy: Settings
) -> None:
    """Also where something else is the occasion: a runner that left, its last report."""
    with tracing.following(""):
        run = rows.run(session, policy, cases=1)
        trace = tracing.current()[:35]
    shards.take_back(session, ShardReturned(run.id, 0, 1), settings=policy)
    [case_id] = rows.case_ids(session, run.id)
    results.apply(session, rows.finished_case(run.id, case_id, Outcome.PASSED))
    messages = outbox.take(session, 10)
    assert [message.kind for message in messages] == ["command", "command", "event"]
    assert {message.traceparent[:35] for message in messages} == {trace}


def test_one_attempt_is_taken_back_once(session: Session, policy: Settings) -> None:
    """The same event may come twice, and late: while the next attempt is out already."""
    run = rows.run(session, policy)
    returned = ShardReturned(run.id, 0, 1)
    publish(session)
    assert shards.take_back(session, returned, settings=policy)
    assert publish(session) == [f"shard-{run.id}-0-2"]
    assert not shards.take_back(session, returned, settings=policy)
    assert publish(session) == []


def test_however_often_a_shard_is_given_back_it_keeps_its_attempts(
    session: Session, policy: Settings
) -> None:
    """That runners left says nothing about its cases; those that fell silent still count."""
    run = rows.run(session, policy, cases=1)
    for attempt in range(1, 6):
        assert shards.take_back(session, ShardReturned(run.id, 0, attempt), settings=policy)
    case_ids = rows.case_ids(session, run.id)
    results.apply(session, [rows.reported(run.id, CaseStarted(case_ids[0]), attempt=6)])
    publish(session)
    later = dt.datetime.now(dt.UTC)
    for _ in range(policy.max_attempts - 1):
        later += dt.timedelta(seconds=policy.stale_after_seconds + 60)
        assert reaper.reap(session, later, settings=policy).shards == 1
        publish(session)
    later += dt.timedelta(seconds=policy.stale_after_seconds + 60)
    assert reaper.reap(session, later, settings=policy).cases_given_up == 1
    [lost] = runs.search(session, run.id).items
    assert lost.message == "No runner finished this case in 3 attempts."
    assert lost.attempt == 8


def test_nothing_is_published_for_a_cancelled_run(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy)
    runs.cancel(session, run.id)
    assert not shards.take_back(session, ShardReturned(run.id, 0, 1), settings=policy)
    assert f"shard-{run.id}-0-2" not in publish(session)


def test_a_shard_whose_cases_have_all_ended_is_not_published(
    session: Session, policy: Settings
) -> None:
    """Another attempt finished them meanwhile, while other shards of the run are open."""
    settings = settings_for("postgresql://nowhere/none", shard_size=1)
    run = rows.run(session, settings, cases=2)
    case = rows.run_case(session, run.id, rows.case_ids(session, run.id)[0])
    results.apply(session, rows.finished_case(run.id, case.case_id, Outcome.PASSED))
    returned = ShardReturned(run.id, case.shard, 1)
    assert not shards.take_back(session, returned, settings=policy)


@pytest.mark.parametrize("run_id", [pytest.param(new_id(), id="unknown"), "no\x00run"])
def test_what_is_of_no_run_is_dropped(session: Session, policy: Settings, run_id: str) -> None:
    assert not shards.take_back(session, ShardReturned(run_id, 0, 1), settings=policy)


def test_a_shard_that_there_is_not_is_dropped(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy)
    assert not shards.take_back(session, ShardReturned(run.id, 7, 1), settings=policy)


def test_a_broker_that_forgets_begins_the_count_anew(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy)
    publish(session)
    shards.take_back(session, ShardReturned(run.id, 0, 1), settings=policy)
    publish(session)
    reaper.forget_broker(session)
    reaper.reap(session, dt.datetime.now(dt.UTC), settings=policy)
    shard = session.get_one(RunShard, (run.id, 0))
    assert (shard.attempt, shard.returned) == (1, 0)
