from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.services.assistance import contributions
from app.settings import Settings
from tests.factories import rows, written_by_models


def test_what_models_added_is_summed_up(session: Session, policy: Settings) -> None:
    generation = written_by_models.generation(session, policy)
    found = contributions.summary(session, generation.id)
    assert (found.kept, found.repaired, found.dropped) == (2, 1, 1)
    assert (found.requests, found.input_tokens, found.output_tokens) == (1, 1000, 200)
    assert (found.dollars, found.cost) == (0.0014, "$0.0014")


def test_it_is_listed_by_operation(session: Session, policy: Settings) -> None:
    generation = written_by_models.generation(session, policy)
    first = contributions.list(session, generation.id, limit=1)
    rest = contributions.list(session, generation.id, cursor=first.next_cursor)
    assert [each.operation for each in (*first.items, *rest.items)] == [
        "GET /pets-1",
        "GET /pets-2",
    ]


def test_a_generation_that_is_not_there_has_none(session: Session) -> None:
    with pytest.raises(NotFoundError):
        contributions.list(session, rows.NOWHERE)
