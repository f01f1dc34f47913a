from __future__ import annotations

import pytest

from app.ai.directions import Direction, Lens
from app.openapi.model import Schema

SCHEMAS: dict[str, Schema] = {
    "User": {
        "type": "object",
        "description": "says nothing about validity",
        "required": ["id", "name", "password"],
        "properties": {
            "id": {"$ref": "#/schemas/Id"},
            "name": {"type": "string", "example": "Alex"},
            "password": {"type": "string", "writeOnly": True},
            "required": {"type": "string"},
        },
    },
    "Id": {"type": "integer", "readOnly": True},
}


@pytest.mark.parametrize(
    ("direction", "required"),
    [(Direction.REQUEST, ["name", "password"]), (Direction.RESPONSE, ["id", "name"])],
)
def test_a_property_that_does_not_go_along_is_not_required(
    direction: Direction, required: list[str]
) -> None:
    seen = Lens(direction, SCHEMAS).schema(SCHEMAS["User"])

    assert seen["required"] == required
    assert set(seen["properties"]) == {"id", "name", "password", "required"}


def test_a_part_of_a_whole_does_not_require_it_either() -> None:
    schema: Schema = {"allOf": [{"$ref": "#/schemas/User"}, {"required": ["id", "name"]}]}

    seen = Lens(Direction.REQUEST, SCHEMAS).schema(schema)

    assert seen == {"allOf": [{"$ref": "#/schemas/User"}, {"required": ["name"]}]}


def test_only_what_decides_about_a_value_is_kept() -> None:
    schema: Schema = {
        "title": "T",
        "x-extra": 1,
        "items": {"enum": [{"description": "kept: a value"}], "default": 1},
        "additionalProperties": False,
        "oneOf": [{"examples": [1], "type": "string"}],
        "patternProperties": {"^x": {"deprecated": True}},
    }

    assert Lens(Direction.RESPONSE, {}).schema(schema) == {
        "items": {"enum": [{"description": "kept: a value"}]},
        "additionalProperties": False,
        "oneOf": [{"type": "string"}],
        "patternProperties": {"^x": {}},
    }


def test_schemas_that_say_yes_or_no_stay() -> None:
    assert Lens(Direction.REQUEST, {}).schema(schema=False) is False
