import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.models import Case
from app.services import cases, generations, results
from app.settings import Settings
from tests.factories import rows
from tests.reader_fixtures import Reader, words


@pytest.fixture
def case(sessions: sessionmaker[Session], settings: Settings) -> Case:
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        notes = ["Needs a <pet>."]
        return rows.case(
            session, suite, "GET /gone/{id}", notes=notes, script="\n1 < 2 </textarea>"
        )


def test_a_case_shows_its_script_and_notes_as_text(reader: Reader, case: Case) -> None:
    page = reader.get(f"/cases/{case.id}")
    assert ">\n\n1 &lt; 2 &lt;/textarea&gt;</textarea>" in page.text
    assert "Needs a &lt;pet&gt;." in page.text
    assert "does not document this operation" in page.text
    assert "Never executed." in page.text


def test_a_case_shows_its_operation_and_last_results(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=1)
        case_id = rows.case_ids(session, run.id)[0]
        outcomes = (Outcome.PASSED, Outcome.FAILED)
        results.apply(session, rows.finished_case(run.id, case_id, *outcomes))
    page = words(reader.get(f"/cases/{case_id}"))
    assert "#/paths/~1pets-1/get" in page
    assert page.index("failed") < page.index("passed")


def test_an_edited_script_is_kept(
    reader: Reader, sessions: sessionmaker[Session], case: Case, user_id: str
) -> None:
    answer = reader.post(f"/cases/{case.id}", script="import os\r\n\r\nx = '\\r'\r\n")
    assert answer.location == f"/cases/{case.id}"
    page = words(reader.get(answer.location))
    assert "Saved." in page
    assert "edited" in page
    with sessions() as session:
        kept = cases.get(session, case.id)
        assert kept.script == "import os\n\nx = '\\r'\n"
        assert kept.updated_by == user_id


def test_a_syntax_error_is_shown_at_its_line_and_nothing_lost(
    reader: Reader, sessions: sessionmaker[Session], case: Case
) -> None:
    answer = reader.post(f"/cases/{case.id}", script="x = 1\ny = = 2\n")
    assert answer.status_code == 422
    assert 'data-error-line="2"' in answer.text
    assert "y = = 2" in answer.text
    assert "The script is not Python" in words(answer)
    with sessions() as session:
        assert cases.get(session, case.id).script == case.script


def test_an_error_without_a_line_has_no_line(reader: Reader, case: Case) -> None:
    answer = reader.post(f"/cases/{case.id}", script="x = '" + "a" * cases.MAX_SCRIPT + "'")
    assert answer.status_code == 422
    assert 'data-error-line=""' in answer.text


def test_a_case_is_written_again(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        suite_id = rows.suite(session, settings, cases=2).id
        case_id = cases.list(session, suite_id).items[0].id
    assert "Write again" in words(reader.get(f"/cases/{case_id}"))
    answer = reader.post(f"/cases/{case_id}/generations", prompt=" Be brief. ", is_reviewed="yes")
    with sessions() as session:
        [generation] = generations.list(session, suite_id).items
        assert (generation.scope, generation.operations) == ("chosen", ["GET /pets-1"])
        assert (generation.prompt, generation.is_reviewed) == ("Be brief.", True)
    assert answer.location == f"/cases/{case_id}?generation={generation.id}"
    assert "0 of 1 written" in words(reader.get(answer.location))


def test_a_case_of_no_operation_is_not_written_again(reader: Reader, case: Case) -> None:
    assert "Write again" not in words(reader.get(f"/cases/{case.id}"))
    answer = reader.post(f"/cases/{case.id}/generations")
    assert (answer.status_code, "No operation is chosen." in answer.text) == (422, True)
