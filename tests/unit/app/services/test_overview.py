from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.models import Run, Suite
from app.services import overview, results, runs
from app.settings import Settings
from tests.factories import rows

PASSED, FAILED, SKIPPED = Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED


def finished_run(session: Session, suite: Suite, settings: Settings, *outcomes: Outcome) -> Run:
    run = runs.start(session, suite.id, settings=settings)
    [case_id] = rows.case_ids(session, run.id)
    results.apply(session, rows.finished_case(run.id, case_id, *outcomes))
    session.flush()
    session.refresh(run)
    return run


def test_a_new_installation_is_empty(session: Session) -> None:
    found = overview.read(session)
    assert found.is_empty
    assert (found.suites, found.runs) == ([], [])


def test_a_suite_shows_its_last_finished_run(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    older = finished_run(session, suite, policy, PASSED)
    older.finished_at = older.created_at.replace(year=2020)
    newer = finished_run(session, suite, policy, PASSED, PASSED, FAILED, SKIPPED)
    running = runs.start(session, suite.id, settings=policy)
    found = overview.read(session)
    [state] = found.suites
    assert (state.suite, state.cases, state.api_title) == (suite, 1, "Pets")
    assert state.last_run is newer
    assert state.pass_rate == 2 / 3
    assert {recent.run.id for recent in found.runs} == {older.id, newer.id, running.id}
    assert {recent.suite_name for recent in found.runs} == {suite.name}
    assert not found.is_empty


def test_a_suite_that_never_ran_has_no_pass_rate(session: Session, policy: Settings) -> None:
    rows.suite(session, policy, cases=2)
    [state] = overview.suite_states(session)
    assert (state.last_run, state.pass_rate, state.cases) == (None, None, 2)


def test_a_run_that_decided_nothing_has_no_pass_rate(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    finished_run(session, suite, policy, SKIPPED)
    [state] = overview.suite_states(session)
    assert state.pass_rate is None


def test_only_so_many_are_shown(session: Session, policy: Settings) -> None:
    for _ in range(3):
        rows.run(session, policy, cases=1)
    found = overview.read(session, limit=2)
    assert (len(found.suites), len(found.runs), found.descriptions) == (2, 2, 3)
