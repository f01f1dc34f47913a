import datetime as dt

import pytest
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.errors import InvalidInputError, NotFoundError
from app.models import CheckStatistic, Result, Run
from app.services import browsing, overview, results, runs, suites
from app.settings import Settings
from tests.factories import rows

PASSED, FAILED, ERRORED = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED


@pytest.fixture
def mixed(session: Session, policy: Settings) -> Run:
    """A finished run: the first case green, the second errored, the third partly failed."""
    run = rows.run(session, policy, cases=3)
    outcomes = ((PASSED,), (PASSED, ERRORED), (PASSED, FAILED))
    for case_id, of_case in zip(rows.case_ids(session, run.id), outcomes, strict=True):
        results.apply(session, rows.finished_case(run.id, case_id, *of_case))
    return run


def told(found: list[Result]) -> list[str]:
    return [f"{result.operation} {result.outcome}" for result in found]


def test_operations_with_something_red_come_first_and_the_red_first_in_each(
    session: Session, mixed: Run
) -> None:
    in_order = [
        "GET /pets-3 failed",
        "GET /pets-3 passed",
        "GET /pets-2 errored",
        "GET /pets-2 passed",
        "GET /pets-1 passed",
    ]
    whole = browsing.result_lines(session, mixed.id)
    assert told(list(whole.items)) == in_order
    pieces: list[Result] = []
    cursor = None
    for _ in range(3):
        piece = browsing.result_lines(session, mixed.id, cursor=cursor, limit=2)
        pieces += piece.items
        cursor = piece.next_cursor
    assert told(pieces) == in_order
    assert cursor is None


def test_a_filter_keeps_the_order(session: Session, mixed: Run) -> None:
    passed = browsing.result_lines(session, mixed.id, outcome="passed")
    assert [result.operation[-1] for result in passed.items] == ["3", "2", "1"]
    found = browsing.result_lines(session, mixed.id, q="PETS-2")
    assert told(list(found.items)) == ["GET /pets-2 errored", "GET /pets-2 passed"]
    with pytest.raises(InvalidInputError):
        browsing.result_lines(session, mixed.id, outcome="lucky")


def test_lines_of_results_leave_what_is_heavy_in_the_database(session: Session, mixed: Run) -> None:
    session.expunge_all()
    line = browsing.result_lines(session, mixed.id).items[0]
    with pytest.raises(InvalidRequestError):
        _ = line.traceback
    session.expunge_all()
    assert browsing.result(session, mixed.id, line.id).traceback == ""


def test_a_result_belongs_to_its_run(session: Session, mixed: Run) -> None:
    line = browsing.result_lines(session, mixed.id).items[0]
    with pytest.raises(NotFoundError):
        browsing.result(session, "another run", line.id)


def test_cases_are_told_with_edits_notes_and_last_outcome(
    session: Session, policy: Settings, mixed: Run
) -> None:
    suite = suites.get(session, mixed.suite_id)
    edited = rows.case(session, suite, "GET /zebras", script="x = 1\n", notes=["One.", "Two."])
    lines = browsing.case_lines(session, suite.id).items
    assert browsing.case_count(session, suite.id) == len(lines) == 4
    assert [line.last and line.last.outcome for line in lines] == [PASSED, ERRORED, FAILED, None]
    assert (lines[-1].id, lines[-1].is_edited, lines[-1].notes) == (edited.id, True, 2)
    assert not any(line.is_edited for line in lines[:-1])
    found = browsing.case_lines(session, suite.id, q="/zeb")
    assert [line.id for line in found.items] == [edited.id]


def test_an_operation_is_found_until_it_is_documented_no_more(session: Session, mixed: Run) -> None:
    suite = suites.get(session, mixed.suite_id)
    found = browsing.operation_of(session, suite, "GET /pets-2")
    assert found is not None
    assert found.pointer == "#/paths/~1pets-2/get"
    assert browsing.operation_of(session, suite, "GET /gone") is None


def test_the_last_results_of_a_case_are_those_of_its_last_run(
    session: Session, policy: Settings, mixed: Run
) -> None:
    case_id = rows.case_ids(session, mixed.id)[2]
    assert told(list(browsing.last_results(session, case_id))) == [
        "GET /pets-3 failed",
        "GET /pets-3 passed",
    ]
    never = rows.case(session, suites.get(session, mixed.suite_id), "GET /new")
    assert browsing.last_results(session, never.id) == ()


def test_only_what_was_red_before_the_run_is_red_for_longer(session: Session, mixed: Run) -> None:
    found = browsing.result_lines(session, mixed.id).items
    before = mixed.created_at - dt.timedelta(days=1)
    later = mixed.created_at + dt.timedelta(days=1)
    for operation, since in (("GET /pets-3", before), ("GET /pets-2", later), ("GET /no", before)):
        row = CheckStatistic(suite_id=mixed.suite_id, operation=operation, check="test_1")
        row.last_outcome, row.last_run_id, row.failing_since = "failed", mixed.id, since
        session.add(row)
    session.flush()
    assert browsing.failing_since(session, mixed, found) == {("GET /pets-3", "test_1"): before}


def test_suites_are_named(session: Session, mixed: Run) -> None:
    suite = suites.get(session, mixed.suite_id)
    assert browsing.suite_names(session, {suite.id, "unknown"}) == {suite.id: suite.name}


def test_archived_cases_are_listed_and_counted_apart_and_executed_no_more(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=1)
    rows.case(session, suite, "GET /gone", archived_at=rows.now())
    for archived, operation in ((False, "GET /pets-1"), (True, "GET /gone")):
        page = browsing.case_lines(session, suite.id, archived=archived)
        assert [line.operation for line in page.items] == [operation]
        assert browsing.case_count(session, suite.id, archived=archived) == 1
    [state] = overview.read(session).suites
    assert state.cases == 1
    run = runs.start(session, suite.id, settings=policy)
    assert [found.operation for found in runs.cases_of(session, run.id)] == ["GET /pets-1"]


def test_a_case_that_waits_for_a_choice_says_so(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=1)
    rows.case(session, suite, "GET /x", offered_script="pass\n")
    lines = browsing.case_lines(session, suite.id).items
    assert [line.is_waiting for line in lines] == [False, True]
    [waiting] = browsing.case_lines(session, suite.id, waiting=True).items
    assert waiting.operation == "GET /x"
