import json

import pytest
from sqlalchemy.orm import Session

from app.domain.scripts.deciding import Fate
from app.models import Suite
from app.services import cases, descriptions, generations, suites, touched, versions
from app.settings import Settings
from tests.factories import rows


def document(*limits: int, prefix: str = "/pets") -> bytes:
    """GET /pets-0, GET /pets-1 and so on, each with a limit of so many."""
    answers = {"200": {"description": "ok"}}
    paths = {
        f"{prefix}-{number}": {
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": most}}
                ],
                "responses": answers,
            }
        }
        for number, most in enumerate(limits)
    }
    head = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}}
    return json.dumps({**head, "paths": paths}).encode()


def generate(session: Session, suite: Suite) -> None:
    generation = generations.request(session, suite.id)
    while generations.advance(session, generation.id):
        pass


@pytest.fixture
def suite(session: Session, policy: Settings) -> Suite:
    description = descriptions.add(session, descriptions.read_bytes(document(10, 10)))
    made = suites.create(
        session, description.id, name="Pets", base_url=rows.BASE_URL, settings=policy
    )
    generate(session, made)
    return made


def take(session: Session, suite: Suite, newer: bytes) -> None:
    """The description changes later than the transaction in which the cases were generated."""
    reading = descriptions.read_bytes(newer)
    version = versions.take(session, suite.api_description_id, reading)
    version.created_at = version.created_at.replace(year=2100)
    session.flush()


def test_where_nothing_changed_nothing_is_touched(session: Session, suite: Suite) -> None:
    assert not touched.preview(session, suite.id).is_any


def test_the_checks_that_a_change_touches_are_named(session: Session, suite: Suite) -> None:
    take(session, suite, document(20, 10))
    found = touched.preview(session, suite.id)
    assert found.is_any
    [case] = found.changed
    assert case.operation == "GET /pets-0"
    assert {change.fate for change in case.changes} == {Fate.UPDATED}
    assert any("limit" in change.key for change in case.changes)
    assert cases.get(session, case.case_id).offered_script is None


def test_a_conflict_is_foreseen(session: Session, suite: Suite) -> None:
    case = cases.list(session, suite.id).items[0]
    cases.save(session, case.id, case.script.replace("11", "12"))
    take(session, suite, document(20, 10))
    [found] = touched.preview(session, suite.id).changed
    assert Fate.CONFLICT in {change.fate for change in found.changes}


def test_operations_that_came_and_went_are_named(session: Session, suite: Suite) -> None:
    take(session, suite, document(10, 10, prefix="/cats"))
    found = touched.preview(session, suite.id)
    assert found.added == ("GET /cats-0", "GET /cats-1")
    assert found.removed == ("GET /pets-0", "GET /pets-1")
    assert found.changed == ()


def test_no_more_is_tried_than_somebody_waits_for(
    session: Session, suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touched, "MOST", 1)
    take(session, suite, document(20, 20))
    found = touched.preview(session, suite.id)
    assert (len(found.changed), found.further) == (1, 1)
