from __future__ import annotations

import time

import pytest

from app.ai.directions import Direction, Lens
from app.ai.errors import NoValueError
from app.ai.values import Made, Source
from app.openapi.model import Example, Schema
from testops.json_values import Json
from testops.schemas import Schemas
from tests.factories.chances import chance


def make(
    schema: Schema, schemas: dict[str, Schema] | None = None, examples: tuple[Json, ...] = ()
) -> Made:
    """A value, held against the schema as it counts for requests."""
    named = schemas or {}
    lens = Lens(Direction.REQUEST, named)
    checked = Schemas(
        {
            "value": lens.schema(schema),
            "schemas": {name: lens.schema(each) for name, each in named.items()},
        }
    )
    source = Source(named, lens, chance)
    return source.make(
        schema,
        "value",
        examples=[Example(each) for each in examples],
        accepts=lambda value: checked.accepts("/value", value),
    )


def test_the_first_example_that_fits_is_taken() -> None:
    assert make({"type": "integer"}, examples=("x", 5, 6)) == Made(5)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "example": "given"}, "given"),
        ({"type": "string", "examples": ["given", "other"]}, "given"),
        ({"type": "string", "default": "given"}, "given"),
        ({"const": {"a": 1}}, {"a": 1}),
        ({"enum": ["a", "b"]}, "a"),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({"type": ["null", "boolean"]}, True),
    ],
)
def test_what_the_description_gives_is_not_made_up(schema: Schema, value: Json) -> None:
    assert make(schema) == Made(value)


def test_an_example_that_does_not_fit_is_left_aside() -> None:
    made = make({"type": "integer", "example": "many", "examples": "no list"})

    assert isinstance(made.value, int)
    assert made.invented == ("value",)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "string"},
        {"minimum": 3},
        {"pattern": "^[a-f]{4}$"},
        {"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
        {"items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": True},
        {"prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "maxItems": 2},
        {"type": "array", "maxItems": 0},
        {"type": "object", "minProperties": 2},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
        {"required": ["free"], "additionalProperties": {"type": "boolean"}},
        {"oneOf": [{"type": "string", "maxLength": 0, "minLength": 1}, {"type": "integer"}]},
        {"anyOf": [{"oneOf": [{"type": "integer"}, False]}, {"type": "string"}]},
        {"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"not": {"type": "string"}, "type": ["string", "integer"]},
    ],
)
def test_a_value_fits_its_schema(schema: Schema) -> None:
    make(schema)


def test_an_object_has_what_is_required_and_what_has_an_example() -> None:
    made = make(
        {
            "type": "object",
            "required": ["name", "id"],
            "properties": {
                "id": {"type": "integer", "readOnly": True},
                "name": {"type": "string", "example": "Rex"},
                "tag": {"type": "string", "example": "good"},
                "note": {"type": "string"},
                "never": False,
            },
        }
    )

    assert made == Made({"name": "Rex", "tag": "good"})


def test_an_object_that_requires_nothing_still_says_something() -> None:
    made = make({"properties": {"bad": False, "note": {"type": "string"}, "more": {}}})

    assert list(made.value) == ["note"]
    assert made.invented == ("note",)


def test_made_up_parts_are_named_once() -> None:
    made = make({"type": "array", "minItems": 2, "items": {"required": ["n"]}})

    assert made.invented == ("n",)


def test_a_list_may_be_empty_where_no_item_fits() -> None:
    assert make({"type": "array", "items": {"type": "string", "pattern": "a^b"}}) == Made([])


def test_recursion_that_may_end_ends() -> None:
    node: Schema = {
        "type": "object",
        "required": ["children"],
        "properties": {"children": {"type": "array", "items": {"$ref": "#/schemas/Node"}}},
    }

    assert make({"$ref": "#/schemas/Node"}, {"Node": node}).value["children"] is not None


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (False, "allows no value"),
        ({"type": "string", "minLength": 10**9}, "asks for a text of 1000000000 characters"),
        ({"type": "array", "minItems": 10**8}, "asks for a list of 100000000 items"),
        ({"type": "object", "minProperties": 10**8}, "asks for 100000000 properties"),
        ({"type": "integer", "minimum": 10, "maximum": 1}, "no value was found that fits"),
        ({"$ref": "#/schemas/Node"}, "no finite value of reasonable size"),
        ({"$ref": "#/schemas/Wide"}, "no finite value of reasonable size"),
        ({"$ref": "#/schemas/Large"}, "no finite value of reasonable size"),
        ({"anyOf": [False]}, "allows no value"),
    ],
)
def test_what_no_value_fits_is_told_within_bounds(schema: Schema, reason: str) -> None:
    names = [f"p{n}" for n in range(30)]
    schemas: dict[str, Schema] = {
        "Node": {"required": ["next"], "properties": {"next": {"$ref": "#/schemas/Node"}}},
        "Wide": {
            "required": names,
            "properties": {name: {"$ref": "#/schemas/Node"} for name in names},
        },
        "Large": {"required": names, "additionalProperties": {"$ref": "#/schemas/Flat"}},
        "Flat": {"required": names, "additionalProperties": {"type": "boolean"}},
    }
    start = time.monotonic()

    with pytest.raises(NoValueError, match=reason):
        make(schema, schemas)
    assert time.monotonic() - start < 5


def test_a_value_that_nobody_could_read_is_not_made() -> None:
    with pytest.raises(NoValueError, match="no value was found"):
        make({"type": "array", "minItems": 20, "items": {"type": "string", "minLength": 1900}})


def test_looking_for_examples_ends_too() -> None:
    properties = {f"p{n}": {"type": "string", "example": "x"} for n in range(300)}

    assert 0 < len(make({"type": "object", "properties": properties}).value) < 300
