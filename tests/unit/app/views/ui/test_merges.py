from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.services import cases, suites
from app.settings import Settings
from tests.factories import rows
from tests.reader_fixtures import Reader, words

FIRST = "def test_a():\n    assert 1\n\n\ndef test_b():\n    assert 1\n"
EDITED = FIRST.replace("assert 1", "assert 2 < 3")
ANEW = FIRST.replace("assert 1", "assert 4")


@pytest.fixture
def case_id(sessions: sessionmaker[Session], settings: Settings) -> str:
    """A case of which both checks were edited and generated in another way."""
    with sessions.begin() as session:
        suite = rows.suite(session, settings, cases=0)
        texts = {"script": FIRST, "generated_script": FIRST, "offered_script": ANEW}
        case = rows.case(session, suite, "GET /x", **texts)
        return cases.save(session, case.id, EDITED, reason="Two & less.").id


def choices(**sides: str) -> dict[str, Any]:
    """The fields of the form."""
    return {f"choice:{key}": side for key, side in sides.items()}


def test_a_case_says_that_somebody_has_to_choose(reader: Reader, case_id: str) -> None:
    page = reader.get(f"/cases/{case_id}")
    assert "generated in another way at 2 places" in words(page)
    assert f'href="/cases/{case_id}/merge"' in page.text


def test_conflicts_are_shown_side_by_side_as_text(reader: Reader, case_id: str) -> None:
    page = reader.get(f"/cases/{case_id}/merge")
    assert "assert 2 &lt; 3</pre>" in page.text
    assert "assert 4</pre>" in page.text
    assert 'name="choice:test_b"' in page.text


def test_some_conflicts_are_settled_and_then_the_rest(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    path = f"/cases/{case_id}/merge"
    first = reader.post(path, **choices(test_a="generated", test_b=""))
    assert first.location == path
    assert "Taken over; conflicts are left." in words(reader.get(path))
    second = reader.post(path, **choices(test_b="edited"))
    assert second.location == f"/cases/{case_id}"
    with sessions() as session:
        script = cases.get(session, case_id).script
    assert script == ANEW.replace("test_b():\n    assert 4", "test_b():\n    assert 2 < 3")
    assert reader.get(path).location == f"/cases/{case_id}"


def test_a_side_that_was_removed_is_said_to_be(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        cases.save(session, case_id, FIRST.partition("\n\n\n")[2])
    page = words(reader.get(f"/cases/{case_id}/merge"))
    assert "As it was edited Removed." in page


def test_where_no_conflict_is_left_the_rest_is_taken_over(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        cases.save(session, case_id, ANEW)
    assert "What was generated waits for you" in words(reader.get(f"/cases/{case_id}"))
    assert "No conflict is left." in words(reader.get(f"/cases/{case_id}/merge"))
    assert reader.post(f"/cases/{case_id}/merge").location == f"/cases/{case_id}"


def test_what_is_offered_is_shown_with_what_it_changes_and_left(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    more = EDITED + "\n\nX = 1\n"
    with sessions.begin() as session:
        case = cases.get(session, case_id)
        case.generated_script, case.offered_script = EDITED, more
    path = f"/cases/{case_id}/merge"
    assert "waits for you to look at it: 1 change." in words(reader.get(f"/cases/{case_id}"))
    assert '<span class="diff-added">+X = 1' in reader.get(path).text
    refused = reader.post(path, **choices(Y="edited"))
    assert (refused.status_code, "Nothing is to be chosen at Y." in refused.text) == (422, True)
    assert reader.post(path, **choices(X="edited")).location == f"/cases/{case_id}"
    with sessions() as session:
        assert cases.get(session, case_id).script == EDITED


def test_cases_that_wait_are_shown_on_demand(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        suite = suites.get(session, cases.get(session, case_id).suite_id)
        rows.case(session, suite, "GET /y")
    assert "1 case waits for you to choose" in words(reader.get(f"/suites/{suite.id}"))
    listed = words(reader.get(f"/suites/{suite.id}/cases?waiting=yes"))
    assert ("/x" in listed, "/y" in listed) == (True, False)


def test_revisions_are_listed_with_who_and_why(
    reader: Reader, sessions: sessionmaker[Session], case_id: str, user_id: str
) -> None:
    with sessions.begin() as session:
        cases.save(session, case_id, ANEW, reason="As it was.", user_id=user_id)
    page = words(reader.get(f"/cases/{case_id}/revisions"))
    assert page.index("As it was.") < page.index("Two & less.")
    assert "edited" in page


def test_old_revisions_are_a_page_away(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        for number in range(60):
            cases.save(session, case_id, f"x = {number}\n")
    assert "Older ones" in words(reader.get(f"/cases/{case_id}/revisions"))


def test_a_revision_shows_what_it_changed_and_is_restored(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        cases.save(session, case_id, ANEW)
    page = reader.get(f"/cases/{case_id}/revisions/2")
    assert '<span class="diff-removed">-    assert 2 &lt; 3' in page.text
    assert '<span class="diff-added">+    assert 4' in page.text
    assert "stands now" in words(page)
    assert "Restore" in words(reader.get(f"/cases/{case_id}/revisions/1"))
    answer = reader.post(f"/cases/{case_id}/revisions/1")
    assert answer.location == f"/cases/{case_id}"
    assert "Revision 1 stands again." in words(reader.get(answer.location))
    with sessions() as session:
        assert cases.get(session, case_id).script == EDITED


def test_archived_cases_are_shown_on_demand(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions.begin() as session:
        case = cases.get(session, case_id)
        case.archived_at, suite_id = rows.now(), case.suite_id
    assert "1 case of operations that are documented no more" in words(
        reader.get(f"/suites/{suite_id}")
    )
    assert "No case matches." in words(reader.get(f"/suites/{suite_id}/cases"))
    listed = words(reader.get(f"/suites/{suite_id}/cases?archived=yes"))
    assert "/x" in listed
    assert "choose" in listed
    assert "does not document this operation any more" in words(reader.get(f"/cases/{case_id}"))


def test_what_the_description_changed_is_shown(
    reader: Reader, sessions: sessionmaker[Session], case_id: str
) -> None:
    with sessions() as session:
        suite_id = cases.get(session, case_id).suite_id
    page = words(reader.get(f"/suites/{suite_id}/changes"))
    assert "Removed Their cases would be archived. GET /x" in page
