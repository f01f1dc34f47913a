from dataclasses import replace

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.models import Case
from app.services import cases, generations, results, runs
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


def test_a_case_shows_how_strong_its_checks_are(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    """What survived is shown with the answer, the change, and why it should be noticed."""
    untried = replace(rows.STRENGTH.checks[0], check="test_2", remark="It was skipped.")
    weak = replace(rows.STRENGTH, checks=(*rows.STRENGTH.checks, untried), remark="It broke.")
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=1)
        run = rows.measured(session, suite, settings, weak)
        [case_id] = rows.case_ids(session, run.id)
    page = words(reader.get(f"/cases/{case_id}"))
    assert "75.0 %, 1 vacuous" in page
    assert "test_1 vacuous 2 of 2 survived" in page
    assert "property dropped at /body/name : name is not there" in page
    assert "the body does not fit its schema (#/paths/~1pets-1/get)" in page
    assert "… and 1 more" in page
    assert "1 check not tried test_2 It was skipped." in page
    assert "It broke." in page
    assert "test_0" not in page
    assert "another one by now" not in page
    assert "strength 75.0 %, 1 vacuous" in words(reader.get(f"/suites/{suite.id}"))
    reader.post(f"/cases/{case_id}", script="x = 1\n")
    assert "The script is another one by now." in words(reader.get(f"/cases/{case_id}"))


def test_a_case_of_which_nothing_survived_says_so(
    reader: Reader, sessions: sessionmaker[Session], settings: Settings
) -> None:
    strong = replace(rows.STRENGTH, survived=0, vacuous=0, checks=rows.STRENGTH.checks[:1])
    nothing = replace(strong, noticed=0, checks=())
    with sessions.begin() as session:
        case_ids: list[str] = []
        for strength in (strong, nothing):
            suite = rows.suite(session, settings, cases=1)
            run = rows.measured(session, suite, settings, strength)
            case_ids.extend(rows.case_ids(session, run.id))
    page = words(reader.get(f"/cases/{case_ids[0]}"))
    assert "100.0 %" in page
    assert "3 more were not tried." in page
    assert "Nothing survived." in page
    nothing_tried = words(reader.get(f"/cases/{case_ids[1]}"))
    assert "not measurable" in nothing_tried
    assert "No change could be tried." in nothing_tried


def test_a_case_is_measured_from_its_page(
    reader: Reader, sessions: sessionmaker[Session], case: Case
) -> None:
    assert "Never measured" in words(reader.get(f"/cases/{case.id}"))
    location = reader.post(f"/cases/{case.id}/runs", changes="12").location
    assert "Measures how strong the checks are" in words(reader.get(location))
    again = reader.post(f"{location}/again").location
    with sessions() as session:
        assert runs.get(session, again.rpartition("/")[2]).changes == 12
