from __future__ import annotations

import pytest

from app.openapi.model import Schema
from tests.factories.descriptions import body, content
from tests.factories.resources import (
    NAME,
    NUMBER,
    TEXT,
    changing,
    creating,
    reading,
    sent,
    shown,
)
from tests.factories.written import functions


def unwanted(answered: dict[str, Schema], asked: dict[str, Schema] | None = None) -> set[str]:
    """What a change tries to set, as it is read afterwards."""
    own = changing("PUT", sent(asked or NAME, *(asked or NAME)))
    found = functions(own, creating(), reading(shown({**NAME, **answered})))
    return {name.removeprefix("cannot_set_") for name in found if name.startswith("cannot_set_")}


@pytest.mark.parametrize(
    ("schema", "is_tried"),
    [
        ({"type": "string", "readOnly": True}, True),
        ({"type": "integer", "readOnly": True}, True),
        ({"type": ["integer", "null"], "readOnly": True}, True),
        ({"type": "integer", "maximum": 100, "readOnly": True}, False),
        ({"type": "string", "enum": ["a", "b"], "readOnly": True}, False),
        ({"type": "boolean", "readOnly": True}, False),
        ({"type": "string", "maxLength": 3, "readOnly": True}, False),
        (TEXT, False),
    ],
)
def test_what_is_read_only_is_tried_where_no_chance_sets_it(
    schema: Schema, *, is_tried: bool
) -> None:
    assert ("tag" in unwanted({"tag": schema})) == is_tried


def test_what_decides_who_may_do_what_is_tried_where_nobody_asks_for_it() -> None:
    assert unwanted({"ownerName": TEXT}) == {"owner_name"}
    assert unwanted({"ownerName": TEXT}, {**NAME, "ownerName": TEXT}) == set()


def test_what_takes_anything_is_left_alone() -> None:
    schema: Schema = {"required": ["name"], "properties": NAME, "additionalProperties": NUMBER}
    own = changing("PUT", body(content(schema)))
    found = functions(own, creating(), reading(shown({**NAME, "role": TEXT})))

    assert "cannot_set_role" not in found


def test_a_creation_that_answers_nothing_of_it_shows_nothing() -> None:
    answered = shown({"other": TEXT})
    secret: dict[str, Schema] = {**NAME, "role": TEXT}

    assert "cannot_set_role" in functions(creating(None, shown(secret)), reading(shown(secret)))
    assert "cannot_set_role" not in functions(creating(None, answered), reading(shown(secret)))


def test_a_change_by_anything_but_an_object_is_left_alone() -> None:
    own = changing("PUT", sent({"title": TEXT}, "title"))

    assert "cannot_set_role" not in functions(own, creating(), reading({"properties": {"x": TEXT}}))
