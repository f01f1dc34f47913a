import datetime as dt
import json
from collections.abc import Callable
from types import MappingProxyType

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.domain.results import CaseStarted
from app.messages import commands
from app.messages.sealing import Seal
from app.models import Generation, Run, RunShard
from app.services import generations, outbox, reaper, results, runs
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows

Clock = Callable[[float], dt.datetime]


@pytest.fixture
def after(session: Session) -> Clock:
    """The moment so many seconds from now, by the database's clock."""
    now = session.scalars(select(func.now())).one()
    return lambda seconds: now + dt.timedelta(seconds=seconds)


def publish(session: Session) -> list[str]:
    """What the relay does; the task ids of what was sent."""
    messages = outbox.take(session, 100)
    outbox.remove(session, messages)
    return [message.message_id for message in messages]


def test_a_shard_of_which_nothing_is_heard_is_published_again(
    session: Session, policy: Settings, after: Clock
) -> None:
    run = rows.run(session, policy, cases=2)
    one, other = rows.case_ids(session, run.id)
    publish(session)
    results.apply(session, rows.finished_case(run.id, one, Outcome.PASSED))
    reaped = reaper.reap(session, after(policy.stale_after_seconds), settings=policy)
    assert reaped == reaper.Reaped(shards=1)
    [message] = outbox.take(session, 10)
    assert message.message_id == f"shard-{run.id}-0-2"
    shard = commands.open_shard(json.loads(message.body)["sealed_shard"], Seal(policy.secret))
    assert (shard.number, shard.attempt) == (0, 2)
    assert [case.case_id for case in shard.cases] == [other]


def test_a_shard_that_was_heard_of_is_left_alone(
    session: Session, policy: Settings, after: Clock
) -> None:
    rows.run(session, policy)
    publish(session)
    moment = after(policy.stale_after_seconds - 1)
    assert reaper.reap(session, moment, settings=policy) == reaper.Reaped()


def test_a_shard_that_still_waits_for_the_relay_is_left_alone(
    session: Session, policy: Settings, after: Clock
) -> None:
    rows.run(session, policy)
    assert reaper.reap(session, after(10_000), settings=policy) == reaper.Reaped()


def test_a_shard_in_a_queue_that_moves_is_left_alone(
    session: Session, policy: Settings, after: Clock
) -> None:
    moving, waiting = rows.run(session, policy), rows.run(session, policy)
    publish(session)
    case_id = rows.case_ids(session, moving.id)[0]
    results.apply(session, [rows.reported(moving.id, CaseStarted(case_id))])
    moment = after(policy.stale_after_seconds + 1)
    for shard in session.scalars(select(RunShard).where(RunShard.run_id == moving.id)):
        shard.heard_at = moment
    assert reaper.reap(session, moment, settings=policy) == reaper.Reaped()
    assert waiting.status == "queued"


def test_after_the_last_attempt_the_rest_is_recorded_as_errored(
    session: Session, policy: Settings, after: Clock
) -> None:
    run = rows.run(session, policy, cases=2)
    one, _ = rows.case_ids(session, run.id)
    results.apply(session, rows.finished_case(run.id, one, Outcome.PASSED))
    publish(session)
    for attempt in range(1, policy.max_attempts):
        moment = after(policy.stale_after_seconds * attempt)
        assert reaper.reap(session, moment, settings=policy).shards == 1
        publish(session)
    moment = after(policy.stale_after_seconds * policy.max_attempts)
    assert reaper.reap(session, moment, settings=policy) == reaper.Reaped(cases_given_up=1)
    assert (run.status, run.passed, run.errored) == ("finished", 1, 1)
    [lost] = runs.search(session, run.id, outcome="errored").items
    assert lost.message == "No runner finished this case in 3 attempts."
    assert reaper.reap(session, after(10_000), settings=policy) == reaper.Reaped()


def test_several_lost_shards_of_one_run_are_all_counted(session: Session, after: Clock) -> None:
    settings = settings_for("postgresql://nowhere/none", shard_size=1, max_attempts=1)
    run = rows.run(session, settings, cases=3)
    publish(session)
    moment = after(settings.stale_after_seconds)
    assert reaper.reap(session, moment, settings=settings).cases_given_up == 3
    session.expire(run)
    assert (run.status, run.errored, run.cases_finished) == ("finished", 3, 3)


def test_a_cancelled_run_is_not_published_again(
    session: Session, policy: Settings, after: Clock
) -> None:
    run = rows.run(session, policy)
    publish(session)
    runs.cancel(session, run.id)
    assert reaper.reap(session, after(10_000), settings=policy) == reaper.Reaped()


def test_a_run_whose_secrets_cannot_be_opened_any_more_is_given_up(
    session: Session, policy: Settings, after: Clock
) -> None:
    """Else one such run would keep the reaper from all others."""
    suite = rows.suite(session, policy, cases=1, headers=MappingProxyType({"X-Key": "s3cret"}))
    run = runs.start(session, suite.id, settings=policy)
    publish(session)
    other_key = settings_for("postgresql://nowhere/none", secret_key="k" * 40)
    assert reaper.reap(session, after(1000), settings=other_key).cases_given_up == 1
    [lost] = runs.search(session, run.id).items
    assert "The case could not be sent again: The seal is broken." in lost.message


def test_a_run_that_is_written_to_is_skipped(
    sessions: sessionmaker[Session], policy: Settings
) -> None:
    with sessions.begin() as session:
        run = rows.run(session, policy, cases=1)
        publish(session)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    with sessions.begin() as writer, sessions.begin() as other:
        writer.get(Run, run.id, with_for_update={"key_share": True})
        assert reaper.reap(other, later, settings=policy) == reaper.Reaped()


def request(session: Session, settings: Settings) -> Generation:
    return generations.request(session, rows.suite(session, settings).id)


def test_a_generation_of_which_nothing_is_heard_is_published_again(
    session: Session, policy: Settings, after: Clock
) -> None:
    generation = request(session, policy)
    publish(session)
    moment = after(policy.stale_after_seconds)
    assert reaper.reap(session, moment, settings=policy) == reaper.Reaped(generations=1)
    assert generation.attempt == 2
    assert publish(session) == [f"generation-{generation.id}"]


def test_a_generation_that_still_waits_for_the_relay_is_left_alone(
    session: Session, policy: Settings, after: Clock
) -> None:
    request(session, policy)
    assert reaper.reap(session, after(10_000), settings=policy) == reaper.Reaped()


def test_a_generation_in_a_queue_that_moves_is_left_alone(
    session: Session, policy: Settings, after: Clock
) -> None:
    moving, waiting = request(session, policy), request(session, policy)
    publish(session)
    moment = after(policy.stale_after_seconds + 1)
    moving.status, moving.heard_at = "running", moment
    assert reaper.reap(session, moment, settings=policy) == reaper.Reaped()
    assert waiting.attempt == 1


def test_after_the_last_attempt_a_generation_ends(
    session: Session, policy: Settings, after: Clock
) -> None:
    generation = request(session, policy)
    generation.attempt = policy.max_attempts
    publish(session)
    reaped = reaper.reap(session, after(policy.stale_after_seconds), settings=policy)
    assert reaped == reaper.Reaped(generations_given_up=1)
    assert (generation.status, generation.written, generation.failed) == ("finished", 0, 3)
    assert generation.message == "No generator finished this in 3 attempts."


def test_after_a_broker_that_forgets_everything_open_is_published_again(
    session: Session, policy: Settings, after: Clock
) -> None:
    """As the first attempt: however often that happens, nothing is given up for it."""
    ended, started = rows.run(session, policy), rows.run(session, policy)
    generation = request(session, policy)
    runs.cancel(session, ended.id)
    publish(session)
    case_id = rows.case_ids(session, started.id)[0]
    results.apply(session, [rows.reported(started.id, CaseStarted(case_id))])
    for _ in range(policy.max_attempts + 1):
        reaper.forget_broker(session)
        reaped = reaper.reap(session, after(0), settings=policy)
        assert reaped == reaper.Reaped(shards=1, generations=1)
        assert set(publish(session)) == {f"shard-{started.id}-0-1", f"generation-{generation.id}"}


def test_what_the_broker_never_had_is_not_published_twice(
    session: Session, policy: Settings, after: Clock
) -> None:
    rows.run(session, policy)
    request(session, policy)
    reaper.forget_broker(session)
    assert reaper.reap(session, after(0), settings=policy) == reaper.Reaped()
    assert len(publish(session)) == 2
