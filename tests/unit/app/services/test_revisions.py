import pytest
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models import Case
from app.models.base import new_id
from app.services import cases, revisions
from app.services.revisions import Origin
from app.settings import Settings
from tests.factories import rows


@pytest.fixture
def case(session: Session, policy: Settings) -> Case:
    return rows.case(session, rows.suite(session, policy, cases=0), "GET /x", script="x = 1\n")


def test_a_revision_says_who_did_what_and_why(session: Session, case: Case) -> None:
    user = rows.user(session)
    cases.save(session, case.id, "x = 2\n", reason="It is two.", user_id=user.id)
    page = revisions.list(session, case.id)
    [found] = page.items
    assert (found.number, found.script, found.origin) == (1, "x = 2\n", "edited")
    assert (found.reason, found.created_by) == ("It is two.", user.id)
    assert found.created_at is not None
    assert revisions.authors(session, page) == {user.id: "Ada"}


def test_revisions_are_listed_newest_first_and_count_without_a_gap(
    session: Session, case: Case
) -> None:
    for number in (2, 3, 3, 4):
        cases.save(session, case.id, f"x = {number}\n")
    first = revisions.list(session, case.id, limit=2)
    rest = revisions.list(session, case.id, cursor=first.next_cursor)
    listed = [(each.number, each.script) for each in (*first.items, *rest.items)]
    assert listed == [(3, "x = 4\n"), (2, "x = 3\n"), (1, "x = 2\n")]


def test_a_revision_tells_what_it_changed(session: Session, case: Case) -> None:
    cases.save(session, case.id, "x = 2\n")
    cases.save(session, case.id, "x = 2\ny = 3\n")
    assert revisions.diff(session, case.id, 2).splitlines() == [
        *("--- revision 1", "+++ revision 2", "@@ -1 +1,2 @@", " x = 2", "+y = 3"),
    ]
    assert "+x = 2" in revisions.diff(session, case.id, 1)


def test_a_revision_is_restored_as_a_new_one(session: Session, case: Case) -> None:
    user = rows.user(session)
    cases.save(session, case.id, "x = 2\n")
    cases.save(session, case.id, "x = 3\n")
    restored = revisions.restore(session, case.id, 1, user_id=user.id)
    assert (restored.script, restored.updated_by) == ("x = 2\n", user.id)
    newest = revisions.get(session, case.id, 3)
    assert (newest.script, newest.origin) == ("x = 2\n", Origin.RESTORED)
    assert newest.reason == "Restored revision 1."
    assert revisions.get(session, case.id, 2).script == "x = 3\n"


def test_what_is_not_there_is_not_found(session: Session, case: Case) -> None:
    with pytest.raises(NotFoundError):
        revisions.get(session, case.id, 1)
    with pytest.raises(NotFoundError):
        revisions.restore(session, case.id, 1)
    with pytest.raises(NotFoundError):
        revisions.list(session, new_id())
