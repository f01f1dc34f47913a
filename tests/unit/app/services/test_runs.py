import json
import random
from types import MappingProxyType

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.domain.plans import Shard
from app.domain.results import CaseFinished, CheckFinished
from app.errors import ConflictError, CursorError, InvalidInputError, NotFoundError
from app.messages import commands
from app.messages.events import RunFinished, read
from app.messages.sealing import Seal
from app.models import Result, RunShard
from app.models.base import new_id
from app.services import cases, outbox, results, runs
from app.settings import Settings
from tests.database_fixtures import settings_for
from tests.factories import rows


def commands_of(session: Session, settings: Settings) -> list[Shard]:
    return [
        commands.open_shard(json.loads(message.body)["sealed_shard"], Seal(settings.secret))
        for message in outbox.take(session, 100)
        if message.kind == outbox.COMMAND
    ]


def events_of(session: Session) -> list[object]:
    return [
        read(message.type, message.body)
        for message in outbox.take(session, 100)
        if message.kind == outbox.EVENT
    ]


def test_a_run_is_published_in_the_transaction_that_records_it(session: Session) -> None:
    settings = settings_for("postgresql://nowhere/none", shard_size=2)
    suite = rows.suite(session, settings, cases=3, headers=MappingProxyType({"X-Key": "s3cret"}))
    user = rows.user(session)
    run = runs.start(session, suite.id, settings=settings, user_id=user.id)
    assert (run.status, run.cases_total, run.base_url) == ("queued", 3, rows.BASE_URL)
    assert run.created_by == user.id
    shards = commands_of(session, settings)
    assert [(shard.run_id, shard.number, shard.attempt) for shard in shards] == [
        (run.id, 0, 1),
        (run.id, 1, 1),
    ]
    assert [len(shard.cases) for shard in shards] == [2, 1]
    assert shards[0].target.headers == {"X-Key": "s3cret"}
    assert len(session.scalars(select(RunShard).where(RunShard.run_id == run.id)).all()) == 2


def test_a_run_keeps_the_scripts_it_was_started_with(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    cases.save(session, case_id, "# changed\n")
    assert rows.run_case(session, run.id, case_id).script == rows.SCRIPT


def test_one_case_can_be_run(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=3)
    case = cases.list(session, suite.id).items[1]
    run = runs.start_case(session, case.id, settings=policy)
    assert rows.case_ids(session, run.id) == [case.id]
    assert run.cases_total == 1


def test_what_took_longest_last_time_is_sent_first(session: Session, policy: Settings) -> None:
    """And in a shard of its own, so that what is short does not wait behind it."""
    suite = rows.suite(session, policy, cases=3)
    first = runs.start(session, suite.id, settings=policy)
    ids = rows.case_ids(session, first.id)
    for case_id, seconds in zip(ids, (0.1, 30.0, 0.2), strict=True):
        end = CaseFinished(case_id, Outcome.PASSED, duration_seconds=seconds)
        results.apply(session, [rows.reported(first.id, end)])
    second = runs.start(session, suite.id, settings=policy)
    shards = {one.case_id: one.shard for one in runs.cases_of(session, second.id)}
    assert shards[ids[1]] == 0
    assert shards[ids[0]] != 0
    assert shards[ids[2]] != 0


def test_how_often_red_checks_are_run_again_is_part_of_the_plan(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=1)
    run = runs.start(session, suite.id, settings=policy, retries=2, cleans_up=False, changes=7)
    assert (run.retries, run.cleans_up, run.changes) == (2, False, 7)
    [shard] = commands_of(session, policy)
    assert (shard.retries, shard.cleans_up, shard.changes) == (2, False, 7)
    with pytest.raises(InvalidInputError, match="From 0 to 5"):
        runs.start(session, suite.id, settings=policy, retries=6)
    with pytest.raises(InvalidInputError, match="From 0 to 50"):
        runs.start(session, suite.id, settings=policy, changes=51)


def test_a_suite_without_cases_cannot_be_run(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=0)
    with pytest.raises(ConflictError, match="no cases"):
        runs.start(session, suite.id, settings=policy)


def test_a_case_too_large_to_be_sent_is_recorded_as_errored(session: Session) -> None:
    settings = settings_for("postgresql://nowhere/none", max_command_bytes=10_000)
    suite = rows.suite(session, settings, cases=2)
    large = cases.list(session, suite.id).items[0]
    large.script = f"# {random.Random(1).randbytes(20_000).hex()}\n"  # noqa: S311 - only hard to compress
    run = runs.start(session, suite.id, settings=settings)
    [result] = runs.search(session, run.id).items
    assert (result.case_id, result.outcome, result.message) == (
        large.id,
        "errored",
        runs.TOO_LARGE,
    )
    assert (run.cases_finished, run.errored, run.status) == (1, 1, "running")
    assert len(commands_of(session, settings)) == 1


def test_a_run_of_nothing_but_too_large_cases_ends_at_once(session: Session) -> None:
    settings = settings_for("postgresql://nowhere/none", max_command_bytes=10_000)
    suite = rows.suite(session, settings, cases=1)
    [case] = cases.list(session, suite.id).items
    case.script = f"# {random.Random(1).randbytes(20_000).hex()}\n"  # noqa: S311 - only hard to compress
    run = runs.start(session, suite.id, settings=settings)
    assert run.status == "finished"
    assert events_of(session) == [RunFinished(run.id, suite.id, "finished", 0, 0, 1, 0)]


def test_what_is_not_there_is_not_found(session: Session, policy: Settings) -> None:
    nowhere = new_id()
    with pytest.raises(NotFoundError):
        runs.start(session, nowhere, settings=policy)
    with pytest.raises(NotFoundError):
        runs.start_case(session, nowhere, settings=policy)
    with pytest.raises(NotFoundError):
        runs.get(session, nowhere)
    with pytest.raises(NotFoundError):
        runs.cancel(session, nowhere)
    with pytest.raises(NotFoundError):
        runs.search(session, nowhere)
    with pytest.raises(NotFoundError):
        runs.list(session, suite_id=nowhere)


def test_runs_are_listed_of_all_suites_or_of_one(session: Session, policy: Settings) -> None:
    one, other = rows.run(session, policy), rows.run(session, policy)
    assert {run.id for run in runs.list(session).items} == {one.id, other.id}
    assert [run.id for run in runs.list(session, suite_id=one.suite_id).items] == [one.id]


def test_a_cancelled_run_ends_at_once(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=2)
    one, other = rows.case_ids(session, run.id)
    results.apply(session, rows.finished_case(run.id, one, Outcome.PASSED))
    runs.cancel(session, run.id)
    assert (run.status, run.passed) == ("cancelled", 1)
    assert run.finished_at is not None
    assert rows.run_case(session, run.id, one).status == "finished"
    assert rows.run_case(session, run.id, other).status == "cancelled"
    assert events_of(session) == [RunFinished(run.id, run.suite_id, "cancelled", 1, 0, 0, 0)]


def test_what_a_cancelled_run_has_not_sent_is_withdrawn(session: Session, policy: Settings) -> None:
    run, other = rows.run(session, policy), rows.run(session, policy)
    runs.cancel(session, run.id)
    assert [shard.run_id for shard in commands_of(session, policy)] == [other.id]


def test_a_run_that_has_ended_cannot_be_cancelled(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy)
    runs.cancel(session, run.id)
    with pytest.raises(ConflictError, match="cancelled already"):
        runs.cancel(session, run.id)


def test_the_results_of_a_run_come_in_pages_with_what_is_red_first(
    session: Session, policy: Settings
) -> None:
    run = rows.run(session, policy, cases=2)
    one, other = rows.case_ids(session, run.id)
    results.apply(
        session,
        rows.finished_case(run.id, one, Outcome.PASSED, Outcome.ERRORED)
        + rows.finished_case(run.id, other, Outcome.SKIPPED, Outcome.FAILED),
    )
    found: list[Result] = []
    cursor: str | None = None
    while True:
        page = runs.search(session, run.id, cursor=cursor, limit=3)
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [result.outcome for result in found] == ["failed", "errored", "skipped", "passed"]


def test_results_can_be_searched(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    check = CheckFinished(case_id, "test_a", Outcome.FAILED, message="Expected 100% of Pets\x00")
    results.apply(session, [rows.reported(run.id, check)])

    def matches(q: str) -> bool:
        return bool(runs.search(session, run.id, q=q).items)

    assert matches("expected 100% of pets")
    assert matches("TEST_A")
    assert matches("/pets-1")
    assert not matches("1%s")
    assert not matches("tests_")
    assert not matches("\x00\x00")


def test_results_can_be_narrowed_to_an_outcome(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    results.apply(session, rows.finished_case(run.id, case_id, Outcome.PASSED, Outcome.FAILED))
    assert [r.outcome for r in runs.search(session, run.id, outcome="failed").items] == ["failed"]
    with pytest.raises(InvalidInputError, match="no such outcome"):
        runs.search(session, run.id, outcome="green")


def test_a_cursor_of_another_list_is_refused(session: Session, policy: Settings) -> None:
    first, _ = rows.run(session, policy), rows.run(session, policy)
    cursor = runs.list(session, limit=1).next_cursor
    with pytest.raises(CursorError):
        runs.search(session, first.id, cursor=cursor)
