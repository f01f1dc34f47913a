from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from app.errors import ConflictError, InvalidInputError
from app.models import Case, Suite
from app.services import cases, merges, revisions
from app.settings import Settings
from tests.factories import rows

FIRST = "def test_a():\n    assert 1\n\n\ndef test_b():\n    assert 1\n"
EDITED = FIRST.replace("assert 1", "assert 2", 1)
#: Both checks are generated anew.
ANEW = FIRST.replace("assert 1", "assert 3")


@dataclass(frozen=True)
class Written:
    script: str
    operation: str = "GET /pets-1"
    module: str = "test_pets.py"
    notes: tuple[str, ...] = ()


@pytest.fixture
def suite(session: Session, policy: Settings) -> Suite:
    return rows.suite(session, policy, cases=0)


@pytest.fixture
def case(session: Session, suite: Suite) -> Case:
    """A case of which one check was edited and both were generated anew."""
    made = cases.put(session, suite.id, Written(FIRST), provider="offline")
    cases.save(session, made.id, EDITED)
    return cases.put(session, suite.id, Written(ANEW), provider="offline")


def test_what_nobody_edited_is_updated_and_a_conflict_waits(case: Case) -> None:
    assert case.script == EDITED.replace("test_b():\n    assert 1", "test_b():\n    assert 3")
    assert case.offered_script == ANEW
    waiting = merges.waiting(case)
    assert waiting is not None
    assert [conflict.key for conflict in waiting.conflicts] == ["test_a"]


def test_the_revisions_tell_what_was_merged(session: Session, case: Case) -> None:
    told = [(each.origin, each.reason) for each in revisions.list(session, case.id).items]
    assert told == [
        ("merged", "Written by the provider offline, 1 updated, 1 conflict."),
        ("edited", "Edited."),
        ("generated", "Written by the provider offline."),
    ]


@pytest.mark.parametrize(("side", "number"), [("edited", 2), ("generated", 3)])
def test_somebody_chooses(session: Session, case: Case, side: str, number: int) -> None:
    user = rows.user(session)
    settled = merges.settle(session, case.id, {"test_a": side}, user_id=user.id)
    assert settled.script.startswith(f"def test_a():\n    assert {number}\n")
    assert (settled.generated_script, settled.offered_script) == (ANEW, None)
    assert settled.updated_by == user.id
    assert merges.waiting(settled) is None
    assert cases.is_edited(settled) is (side == "edited")


def test_a_choice_that_changes_the_script_is_a_revision(session: Session, case: Case) -> None:
    merges.settle(session, case.id, {"test_a": "generated"})
    newest = revisions.list(session, case.id).items[0]
    assert newest.origin == "settled"
    assert newest.reason == (
        "Chosen: 1 settled. test_a: generated. Written by the provider offline."
    )


def test_what_is_not_chosen_goes_on_waiting(session: Session, case: Case) -> None:
    settled = merges.settle(session, case.id, {})
    assert settled.offered_script == ANEW
    assert settled.script == case.script


def test_a_generation_after_a_conflict_starts_from_what_was_edited(
    session: Session, suite: Suite, case: Case
) -> None:
    """A check that is generated as it first was conflicts no more."""
    again = cases.put(session, suite.id, Written(FIRST), provider="offline")
    assert again is case
    assert (again.script, again.offered_script) == (EDITED, None)


def test_a_hand_made_text_is_settled_without_a_choice(session: Session, case: Case) -> None:
    cases.save(session, case.id, ANEW)
    waiting = merges.waiting(case)
    assert waiting is not None
    assert not waiting.conflicts
    assert merges.settle(session, case.id, {}).offered_script is None


@pytest.mark.parametrize("choices", [{"test_b": "edited"}, {"test_a": "both"}])
def test_a_choice_that_there_is_not_is_refused(
    session: Session, case: Case, choices: dict[str, str]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        merges.settle(session, case.id, choices)
    assert caught.value.where == "choices"
    assert case.offered_script == ANEW


REVIEW = cases.Wish(is_reviewed=True)


def test_what_is_reviewed_waits_and_part_of_it_is_taken(session: Session, suite: Suite) -> None:
    case = cases.put(session, suite.id, Written(FIRST), provider="offline")
    cases.put(session, suite.id, Written(ANEW), provider="offline", wish=REVIEW)
    assert (case.script, case.generated_script, case.offered_script) == (FIRST, FIRST, ANEW)
    waiting = merges.waiting(case)
    assert waiting is not None
    assert [offer.key for offer in waiting.offers] == ["test_a", "test_b"]
    settled = merges.settle(session, case.id, {"test_a": "edited"})
    assert settled.script == FIRST.replace("test_b():\n    assert 1", "test_b():\n    assert 3")
    assert settled.offered_script is None
    newest = revisions.list(session, case.id).items[0]
    assert newest.reason == (
        "Chosen: 1 updated, 1 declined. test_a: edited. Written by the provider offline."
    )


def test_what_changes_nothing_does_not_wait(session: Session, suite: Suite) -> None:
    case = cases.put(session, suite.id, Written(FIRST), provider="offline")
    cases.save(session, case.id, EDITED)
    cases.put(session, suite.id, Written(EDITED), provider="offline", wish=REVIEW)
    assert (case.generated_script, case.offered_script) == (EDITED, None)


def test_where_nothing_waits_nothing_is_settled(session: Session, suite: Suite) -> None:
    case = cases.put(session, suite.id, Written(FIRST), provider="offline")
    assert merges.waiting(case) is None
    with pytest.raises(ConflictError):
        merges.settle(session, case.id, {})
