from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.errors import InvalidInputError, NotFoundError
from app.models.base import new_id
from app.services import cases, results, runs
from app.settings import Settings
from tests.factories import rows


@dataclass(frozen=True)
class Written:
    script: str = "pass\n"
    operation: str = "GET /pets-1"
    module: str = "test_pets.py"
    notes: tuple[str, ...] = ()


def test_cases_are_listed_by_path_and_method(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=0)
    for operation in ("POST /b", "GET /c", "GET /b", "DELETE /a"):
        rows.case(session, suite, operation)
    first = cases.list(session, suite.id, limit=3)
    second = cases.list(session, suite.id, limit=3, cursor=first.next_cursor)
    listed = [case.operation for case in (*first.items, *second.items)]
    assert listed == ["DELETE /a", "GET /b", "POST /b", "GET /c"]
    assert cases.operations_of(session, suite.id) == set(listed)


def test_the_cases_of_no_suite_are_not_found(session: Session) -> None:
    with pytest.raises(NotFoundError):
        cases.list(session, new_id())


def test_an_edited_script_is_kept(session: Session, policy: Settings) -> None:
    case = rows.case(session, rows.suite(session, policy), "GET /x")
    user = rows.user(session)
    saved = cases.save(session, case.id, "import os\n", user_id=user.id)
    assert (saved.script, saved.updated_by) == ("import os\n", user.id)
    assert cases.is_edited(saved)
    assert saved.generated_script == rows.SCRIPT


@pytest.mark.parametrize(
    ("script", "where"),
    [
        ("x = 1\ny = (\n", "line 2"),
        ("  x", "line 1"),
        ("x = '\x00'", "line 1"),
        ("x = '\ud800'", "script"),
        pytest.param("x" * (cases.MAX_SCRIPT + 1), "script", id="long"),
    ],
)
def test_what_is_no_python_is_not_kept(
    session: Session, policy: Settings, script: str, where: str
) -> None:
    case = rows.case(session, rows.suite(session, policy), "GET /x")
    with pytest.raises(InvalidInputError) as caught:
        cases.save(session, case.id, script)
    assert caught.value.where == where
    assert case.script == rows.SCRIPT


def test_nesting_that_breaks_the_parser_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        cases.check_script("(" * 5000 + ")" * 5000)
    with pytest.raises(InvalidInputError):
        cases.check_script("-" * 200_000 + "1")


def test_a_script_that_python_only_warns_about_is_kept() -> None:
    cases.check_script("x = '\\d'\nassert (1, 'always true')\n")


def test_a_written_case_is_added(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=0)
    written = Written(notes=("Needs an id.\x00",))
    case = cases.put(session, suite.id, written, provider="offline")
    session.refresh(case)
    assert (case.script, case.generated_script) == ("pass\n", "pass\n")
    assert (case.module, case.provider) == ("test_pets.py", "offline")
    assert case.notes == ["Needs an id.\u2400"]
    assert not cases.is_edited(case)


def test_a_case_written_again_is_replaced(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=0)
    first = cases.put(session, suite.id, Written(), provider="offline")
    again = cases.put(session, suite.id, Written("import os\n"), provider="offline")
    assert again is first
    assert again.script == again.generated_script == "import os\n"


def test_a_case_written_again_never_loses_an_edit(session: Session, policy: Settings) -> None:
    suite = rows.suite(session, policy, cases=0)
    case = cases.put(session, suite.id, Written(), provider="offline")
    cases.save(session, case.id, "# mine\n")
    cases.put(session, suite.id, Written("import os\n", notes=("n",)), provider="offline")
    session.refresh(case)
    assert (case.script, case.generated_script) == ("# mine\n\nimport os\n", "import os\n")
    assert case.notes == ["n"]
    assert case.offered_script is None


def test_a_case_of_a_gone_operation_is_archived_until_it_comes_back(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=1)
    gone = rows.case(session, suite, "GET /gone", module="test_gone.py")
    assert cases.archive_gone(session, suite) == 1
    assert cases.archive_gone(session, suite) == 0
    assert cases.operations_of(session, suite.id) == {"GET /pets-1"}
    assert [case.operation for case in cases.list(session, suite.id).items] == ["GET /pets-1"]
    assert list(cases.list(session, suite.id, archived=True).items) == [gone]
    back = cases.put(session, suite.id, Written(operation="GET /gone"), provider="offline")
    assert (back.id, back.archived_at) == (gone.id, None)


def test_a_module_that_an_archived_case_has_gets_another_name(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=0)
    rows.case(session, suite, "GET /gone", module="test_pets.py")
    rows.case(session, suite, "GET /gone-too", module="test_pets_2.py")
    assert cases.put(session, suite.id, Written(), provider="x").module == "test_pets_3.py"


def test_the_last_outcome_of_a_case_is_that_of_its_newest_run(
    session: Session, policy: Settings
) -> None:
    suite = rows.suite(session, policy, cases=2)
    one, other = (case.id for case in cases.list(session, suite.id).items)
    older = runs.start(session, suite.id, settings=policy)
    results.apply(session, rows.finished_case(older.id, one, Outcome.FAILED))
    rows.run_case(session, older.id, one).finished_at = older.created_at.replace(year=2020)
    newer = runs.start(session, suite.id, settings=policy)
    results.apply(session, rows.finished_case(newer.id, one, Outcome.PASSED))
    assert cases.last_outcomes(session, [one, other]) == {
        one: cases.LastOutcome(newer.id, "passed")
    }
