import itertools
import random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.domain.results import (
    CaseFinished,
    CaseStarted,
    CheckFinished,
    CheckStarted,
    Deletion,
    Exchange,
    Message,
    Rerun,
)
from app.messages.events import Reported, RunFinished, read
from app.models import Result, Run, RunShard
from app.models.base import new_id
from app.services import outbox, result_rows, results, runs
from app.settings import Settings
from tests.factories import rows

PASSED, FAILED, ERRORED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED


def stored(session: Session, run_id: str) -> list[Result]:
    statement = select(Result).where(Result.run_id == run_id).order_by(Result.case_id, Result.check)
    return list(session.scalars(statement))


def shard(session: Session, run_id: str) -> RunShard:
    found = session.get(RunShard, (run_id, 0), populate_existing=True)
    assert found is not None
    return found


def test_a_case_that_starts_sets_the_run_going(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=2)
    one, _ = rows.case_ids(session, run.id)
    before = shard(session, run.id).heard_at
    applied = results.apply(
        session,
        [
            rows.reported(run.id, CaseStarted(one)),
            rows.reported(run.id, CheckStarted(one, "test_a")),
        ],
    )
    assert (applied.results, applied.dropped) == (0, 0)
    assert run.status == "running"
    assert run.started_at is not None
    assert rows.run_case(session, run.id, one).status == "running"
    assert shard(session, run.id).started_at is not None
    assert shard(session, run.id).heard_at >= before


def test_a_result_is_stored_with_its_evidence(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    exchange = Exchange(
        method="GET",
        url="http://api.test/pets-1",
        request=Message((("Accept", "*/*"),), ""),
        status=200,
        response=Message((), "a\x00b", truncated=True),
        duration_seconds=0.5,
    )
    check = CheckFinished(
        case_id, "test_a", FAILED, "m\x00", "t", "o\ud800", "why", 1.5, (exchange,)
    )
    results.apply(session, [rows.reported(run.id, check)])
    [result] = stored(session, run.id)
    assert (result.operation, result.check, result.attempt) == ("GET /pets-1", "test_a", 1)
    assert (result.message, result.traceback, result.output) == ("m\u2400", "t", "o\\ud800")
    assert (result.outcome, result.intent, result.duration_seconds) == ("failed", "why", 1.5)
    [kept] = result.exchanges
    assert kept["request"]["headers"] == [["Accept", "*/*"]]
    assert kept["response"] == {"headers": [], "body": "a\u2400b", "truncated": True}


def test_what_passed_when_run_again_stays_failed_and_is_marked(
    session: Session, policy: Settings
) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    reruns = (Rerun(FAILED, "still\0"), Rerun(PASSED, exchanges=()))
    flaky = CheckFinished(case_id, "test_a", FAILED, reruns=reruns)
    firm = CheckFinished(case_id, "test_b", FAILED, reruns=reruns[:1])
    results.apply(session, [rows.reported(run.id, one) for one in (flaky, firm)])
    results.apply(session, [rows.reported(run.id, CaseFinished(case_id, FAILED))])
    one, other = stored(session, run.id)
    assert (one.is_flaky, other.is_flaky) == (True, False)
    assert [rerun["outcome"] for rerun in one.reruns] == ["failed", "passed"]
    assert (run.passed, run.failed) == (0, 2)


def test_how_a_case_was_cleaned_up_after_is_kept_with_it(
    session: Session, policy: Settings
) -> None:
    """It changes no outcome."""
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    kept = Deletion("http://a/b/1", 403, "no\x00")
    results.apply(
        session, [rows.reported(run.id, CaseFinished(case_id, PASSED, deletions=(kept,)))]
    )
    case = rows.run_case(session, run.id, case_id)
    assert case.outcome == PASSED
    assert case.deletions == [{"url": "http://a/b/1", "status": 403, "remark": "no\u2400"}]


def test_a_finished_case_counts(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=2)
    one, other = rows.case_ids(session, run.id)
    applied = results.apply(
        session, rows.finished_case(run.id, one, PASSED, FAILED, ERRORED, SKIPPED, PASSED)
    )
    assert (applied.results, applied.cases, applied.finished_runs) == (5, {FAILED: 1}, [])
    assert (run.passed, run.failed, run.errored, run.skipped) == (2, 1, 1, 1)
    assert (run.cases_finished, run.status) == (1, "running")
    case = rows.run_case(session, run.id, one)
    assert (case.status, case.outcome) == ("finished", "failed")
    assert rows.run_case(session, run.id, other).status == "queued"


def test_a_run_ends_with_its_last_case_exactly_once(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=2)
    reports = [
        report
        for case in rows.case_ids(session, run.id)
        for report in rows.finished_case(run.id, case, PASSED)
    ]
    assert results.apply(session, reports).finished_runs == [run.id]
    assert results.apply(session, reports).finished_runs == []
    assert (run.status, run.passed) == ("finished", 2)
    assert run.finished_at is not None
    assert shard(session, run.id).finished_at is not None
    events = [m for m in outbox.take(session, 100) if m.kind == outbox.EVENT]
    assert [read(m.type, m.body) for m in events] == [
        RunFinished(run.id, run.suite_id, "finished", 2, 0, 0, 0)
    ]


def test_what_arrives_twice_is_applied_once(session: Session, policy: Settings) -> None:
    """A runner that was killed reports again from the start of its shard."""
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    reports = rows.finished_case(run.id, case_id, PASSED, FAILED)
    results.apply(session, reports[:1])
    applied = results.apply(session, reports)
    assert (applied.results, applied.dropped) == (1, 1)
    assert (run.passed, run.failed) == (1, 1)
    assert [result.check for result in stored(session, run.id)] == ["test_0", "test_1"]


def test_what_stands_twice_in_one_batch_is_applied_once(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    reports = rows.finished_case(run.id, case_id, PASSED)
    applied = results.apply(session, reports[:1] * 2 + reports[1:] * 2)
    assert (applied.results, applied.dropped) == (1, 2)
    assert (run.passed, run.cases_finished) == (1, 1)


def test_the_first_attempt_that_finishes_a_case_decides_it(
    session: Session, policy: Settings
) -> None:
    """An attempt that was taken for lost may still be alive beside the next one."""
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    first = rows.finished_case(run.id, case_id, FAILED, FAILED)
    second = rows.finished_case(run.id, case_id, PASSED, PASSED, attempt=2)
    results.apply(session, first[:1] + second)
    results.apply(session, first[1:])
    assert [(r.check, r.attempt, r.outcome) for r in stored(session, run.id)] == [
        ("test_0", 2, "passed"),
        ("test_1", 2, "passed"),
    ]
    assert (run.passed, run.failed, run.cases_finished) == (2, 0, 1)


def test_a_case_that_broke_has_a_result_beside_its_checks(
    session: Session, policy: Settings
) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    results.apply(
        session,
        [
            rows.reported(run.id, CheckFinished(case_id, "test_a", PASSED)),
            rows.reported(run.id, CaseFinished(case_id, ERRORED, "Killed after 60 s.", 60.0)),
        ],
    )
    broken, check = stored(session, run.id)
    assert (broken.check, broken.outcome, broken.message) == ("", "errored", "Killed after 60 s.")
    assert check.outcome == "passed"
    assert (run.passed, run.errored) == (1, 1)
    case = rows.run_case(session, run.id, case_id)
    assert (case.message, case.duration_seconds) == ("Killed after 60 s.", 60.0)


def test_a_case_without_checks_still_has_a_result(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    results.apply(session, [rows.reported(run.id, CaseFinished(case_id, SKIPPED))])
    [result] = stored(session, run.id)
    assert (result.check, result.outcome, result.message) == ("", "skipped", result_rows.NO_CHECKS)
    assert run.skipped == 1


def test_reports_of_what_is_unknown_are_dropped(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    reports = [
        *rows.finished_case(new_id(), new_id(), PASSED),
        *rows.finished_case(run.id, new_id(), PASSED),
        *rows.finished_case("no\x00run", "no\x00case", PASSED),
        *rows.finished_case(run.id, "no\x00case", PASSED),
    ]
    applied = results.apply(session, reports)
    assert (applied.results, applied.dropped) == (0, 8)


def test_reports_of_a_cancelled_run_are_dropped(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    runs.cancel(session, run.id)
    applied = results.apply(session, rows.finished_case(run.id, case_id, PASSED))
    assert (applied.results, applied.dropped, run.cases_finished) == (0, 2, 0)
    assert stored(session, run.id) == []


def test_reports_of_several_runs_come_in_one_batch(session: Session, policy: Settings) -> None:
    made = [rows.run(session, policy, cases=1) for _ in range(3)]
    reports = [
        rows.finished_case(run.id, rows.case_ids(session, run.id)[0], PASSED) for run in made
    ]
    mixed = [report for pair in zip(*reports, strict=True) for report in pair]
    assert set(results.apply(session, mixed).finished_runs) == {run.id for run in made}


def test_check_names_of_any_length_stay_apart(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy, cases=1)
    [case_id] = rows.case_ids(session, run.id)
    checks = [CheckFinished(case_id, f"test_x[{'é' * 400}{n}]", PASSED) for n in range(2)]
    results.apply(session, [rows.reported(run.id, check) for check in checks])
    assert len(stored(session, run.id)) == 2


def test_no_reports_are_nothing(session: Session) -> None:
    assert results.apply(session, []) == results.Applied()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_lost_doubled_or_mixed_each_case_is_decided_once(
    session: Session, policy: Settings, seed: int
) -> None:
    """Deliveries of each attempt keep their order; batches, repeats and attempts are random."""
    chance = random.Random(seed)  # noqa: S311 - a test's variety
    run = rows.run(session, policy, cases=3)
    streams = [
        [
            report
            for case_id in rows.case_ids(session, run.id)
            for report in rows.finished_case(
                run.id, case_id, *chance.choices(list(Outcome), k=3), attempt=attempt
            )
        ][: None if last else chance.randrange(12)]
        for attempt, last in ((1, False), (1, False), (2, False), (2, True))
    ]
    for batch in _shuffled(streams, chance):
        results.apply(session, batch)
    found = stored(session, run.id)
    assert (run.status, run.cases_finished) == ("finished", 3)
    assert run.passed + run.failed + run.errored + run.skipped == len(found) == 9
    for _, of_case in itertools.groupby(found, key=lambda result: result.case_id):
        assert len({result.attempt for result in of_case}) == 1


def _shuffled(streams: list[list[Reported]], chance: random.Random) -> list[list[Reported]]:
    batches = []
    while waiting := [stream for stream in streams if stream]:
        size = chance.randrange(1, 5)
        stream = chance.choice(waiting)
        batches.append(stream[:size])
        del stream[:size]
    return batches


def test_two_writers_count_a_case_once(sessions: sessionmaker[Session], policy: Settings) -> None:
    """The second waits for the first, then sees what it decided."""
    with sessions.begin() as session:
        run = rows.run(session, policy, cases=1)
        [case_id] = rows.case_ids(session, run.id)
    reports = rows.finished_case(run.id, case_id, PASSED)
    with sessions.begin() as session:
        assert results.apply(session, reports).results == 1
    with sessions.begin() as session:
        assert results.apply(session, reports).dropped == 2
    with sessions.begin() as session:
        assert session.get_one(Run, run.id).passed == 1
        assert session.scalar(select(func.count()).select_from(Result)) == 1
