from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished
from app.models import CheckStatistic, Run, Suite
from app.models.base import new_id
from app.services import results, runs, statistics
from app.settings import Settings
from tests.factories import rows

PASSED, FAILED, ERRORED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED, Outcome.SKIPPED
KEY = ("GET /pets-1", "test_0")


def finished_run(session: Session, suite: Suite, settings: Settings, *outcomes: Outcome) -> Run:
    """A run of the suite's one case with such checks."""
    run = runs.start(session, suite.id, settings=settings)
    [case_id] = rows.case_ids(session, run.id)
    results.apply(session, rows.finished_case(run.id, case_id, *outcomes))
    session.flush()
    session.refresh(run)
    return run


def known(session: Session, suite: Suite) -> CheckStatistic:
    session.expire_all()
    return statistics.of_suite(session, suite.id)[KEY]


def test_a_run_is_counted_in(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    run = finished_run(session, suite, policy, PASSED, FAILED)
    assert statistics.apply(session, run.id)
    counted = statistics.of_suite(session, suite.id)
    assert set(counted) == {KEY, ("GET /pets-1", "test_1")}
    assert (counted[KEY].runs, counted[KEY].passed) == (1, 1)
    assert counted[KEY].last_passed_at == run.finished_at
    assert counted[KEY].failing_since is None
    red = counted["GET /pets-1", "test_1"]
    assert (red.runs, red.passed, red.last_outcome) == (1, 0, "failed")
    assert (red.failing_since_run_id, red.failing_since) == (run.id, run.finished_at)


def test_a_run_is_counted_once(session: Session, policy: Settings) -> None:
    """Also where the events of two runs arrive again in turn."""
    suite = rows.suite(session, policy, cases=1)
    made = [finished_run(session, suite, policy, PASSED) for _ in range(2)]
    applied = [statistics.apply(session, run.id) for run in (*made, *made)]
    assert applied == [True, True, False, False]
    assert known(session, suite).runs == 2


def test_a_streak_of_red_keeps_its_first_run(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    green, first, second = (
        finished_run(session, suite, policy, outcome) for outcome in (PASSED, FAILED, ERRORED)
    )
    for run in (green, first, second):
        statistics.apply(session, run.id)
    red = known(session, suite)
    assert (red.runs, red.passed, red.last_outcome) == (3, 1, "errored")
    assert (red.failing_since_run_id, red.failing_since) == (first.id, first.finished_at)
    assert red.last_passed_at == green.finished_at
    assert red.last_run_id == second.id


def test_a_streak_of_red_ends_with_a_pass(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    for outcome in (FAILED, PASSED):
        statistics.apply(session, finished_run(session, suite, policy, outcome).id)
    green = known(session, suite)
    assert (green.failing_since_run_id, green.failing_since) == (None, None)
    assert (green.last_outcome, green.passed) == ("passed", 1)


def test_a_skip_decides_nothing(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    for outcome in (FAILED, SKIPPED):
        assert statistics.apply(session, finished_run(session, suite, policy, outcome).id)
    assert (known(session, suite).runs, known(session, suite).last_outcome) == (1, "failed")


def test_a_case_that_broke_is_no_check(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    run = runs.start(session, suite.id, settings=policy)
    [case_id] = rows.case_ids(session, run.id)
    results.apply(session, [rows.reported(run.id, CaseFinished(case_id, ERRORED, "boom"))])
    session.flush()
    assert statistics.apply(session, run.id)
    assert statistics.of_suite(session, suite.id) == {}


def test_a_run_that_has_not_ended_is_not_counted(session: Session, policy: Settings) -> None:
    run = rows.run(session, policy)
    assert not statistics.apply(session, run.id)
    assert not statistics.apply(session, new_id())
    assert not statistics.apply(session, "\x00")
