"""What the schemas of every dialect become; each result is compiled by the validator as well."""

from typing import Any

import jsonschema_rs
import pytest

from app.openapi import limits
from app.openapi.model import ApiDescription, Schema
from tests.factories.documents import keywords_of, messages, schema_of, with_schema


def validator(description: ApiDescription) -> jsonschema_rs.Draft202012Validator:
    """The first answer's schema, ready to check values, its named schemas beside it."""
    whole = {"allOf": [schema_of(description)], "schemas": dict(description.schemas)}
    return jsonschema_rs.Draft202012Validator(whole)


def translated(schema: object, *, version: str = "3.0.3", components: object = None) -> Schema:
    description = with_schema(schema, version=version, components=components)
    validator(description)
    assert not description.problems
    return schema_of(description)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, True),
        (False, False),
        ({}, {}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        (
            {"type": "string", "nullable": True, "enum": ["a"]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"type": "string", "nullable": True, "enum": ["a", None]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"]}),
        ({"nullable": True}, {}),
        (
            {"enum": ["a"], "nullable": True},
            {"anyOf": [{"enum": ["a"]}, {"type": "null"}]},
        ),
        (
            {"allOf": [{"type": "string"}], "nullable": True},
            {"anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]},
        ),
        ({"type": "string", "x-nullable": True}, {"type": ["string", "null"]}),
        ({"minimum": 0, "exclusiveMinimum": True}, {"minimum": 0, "exclusiveMinimum": 0}),
        ({"maximum": 9, "exclusiveMaximum": False}, {"maximum": 9}),
        ({"exclusiveMaximum": True}, {}),
        ({"exclusiveMinimum": 5}, {"exclusiveMinimum": 5}),
        ({"type": "file"}, {"type": "string", "format": "binary"}),
        ({"type": "string", "example": "x"}, {"type": "string", "examples": ["x"]}),
        ({"example": "x", "examples": ["y"]}, {"examples": ["y"]}),
        ({"example": {"$ref": "#/components/examples/a"}}, {}),
        (
            {"items": [{"type": "string"}], "additionalItems": False},
            {"prefixItems": [{"type": "string"}], "items": False},
        ),
        ({"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        (
            {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}},
            {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
        ),
        ({"dependencies": {"a": ["b"]}}, {"dependentRequired": {"a": ["b"]}}),
        ({"dependencies": {"a": True}}, {"dependentSchemas": {"a": True}}),
        (
            {"xml": {}, "externalDocs": {}, "discriminator": {}, "x-a": 1, "$id": "y", "odd": 1},
            {},
        ),
        ({"readOnly": True, "writeOnly": False}, {"readOnly": True, "writeOnly": False}),
        (
            {"if": {"type": "string"}, "then": {"minLength": 1}, "else": False},
            {"if": {"type": "string"}, "then": {"minLength": 1}, "else": False},
        ),
        ({"if": True}, {"if": True}),
        ({"not": {"type": "null"}}, {"not": {"type": "null"}}),
        (
            {"patternProperties": {"^a": {"type": "string"}}},
            {"patternProperties": {"^a": {"type": "string"}}},
        ),
        (
            {"properties": {"$ref": {"type": "string"}, "type": {"type": "integer"}}},
            {"properties": {"$ref": {"type": "string"}, "type": {"type": "integer"}}},
        ),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        (
            {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        ),
        ({"unevaluatedProperties": False}, {"unevaluatedProperties": False}),
    ],
)
def test_a_schema_is_respelled(schema: object, expected: object) -> None:
    assert translated(schema) == expected


@pytest.mark.parametrize(
    ("schema", "expected", "told"),
    [
        ("text", True, "A schema is an object"),
        ({"type": "strng"}, {}, "'type' is left out"),
        ({"type": "int"}, {"type": "integer"}, "'type' is taken as 'integer'"),
        ({"required": True}, {}, "'required' is left out"),
        ({"pattern": "["}, {}, "a usable regular expression was expected"),
        ({"minLength": "x", "maxLength": 3}, {"maxLength": 3}, "'minLength' is left out"),
        ({"items": "text"}, {}, "A schema is an object"),
        ({"allOf": "text"}, {}, "a list was expected"),
        ({"anyOf": []}, {}, "a list was expected"),
        ({"allOf": [{"type": "string"}, 5]}, {"allOf": [{"type": "string"}]}, "A schema is"),
        ({"allOf": [5]}, {}, "A schema is"),
        ({"prefixItems": [5, {}]}, {"prefixItems": [True, {}]}, "A schema is"),
        ({"anyOf": [{"type": "string"}, 5]}, {}, "A schema is"),
        ({"properties": []}, {}, "an object was expected"),
        ({"properties": {"a": 5}}, {"properties": {"a": True}}, "A schema is"),
        ({"dependentSchemas": {"a": 5}}, {"dependentSchemas": {"a": True}}, "A schema is"),
        ({"$ref": 5, "type": "string"}, {"type": "string"}, ""),
    ],
)
def test_what_cannot_be_used_is_left_out(schema: object, expected: object, told: str) -> None:
    description = with_schema(schema)
    validator(description)
    assert schema_of(description) == expected
    assert told in "\n".join(messages(description))


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"not": {"pattern": "["}}, "a"),
        ({"not": 5}, "a"),
        ({"oneOf": [{"type": "strng"}, {"type": "integer"}]}, 1),
        ({"if": {"type": "strng"}, "then": False}, 1),
        ({"if": True, "then": 5}, 1),
        ({"patternProperties": {"[": {}}, "additionalProperties": False}, {"a": 1}),
        ({"allOf": [5], "unevaluatedProperties": False}, {"a": 1}),
        ({"allOf": [{"$ref": "#/nope"}], "unevaluatedItems": False}, [1]),
    ],
)
def test_leaving_out_never_tightens(schema: object, value: object) -> None:
    description = with_schema(schema, version="3.1.0")
    assert description.problems
    assert validator(description).is_valid(value)


def test_one_of_beside_any_of_is_left_out_when_it_would_become_a_second_any_of() -> None:
    schema = {"anyOf": [{"type": "integer"}], "oneOf": [{"type": "strng"}, {"type": "integer"}]}
    assert schema_of(with_schema(schema)) == {"anyOf": [{"type": "integer"}]}


def test_references_lead_into_the_named_schemas() -> None:
    description = with_schema(
        {"$ref": "#/components/schemas/Pet"},
        components={
            "schemas": {
                "Pet": {"properties": {"mate": {"$ref": "#/components/schemas/Pet"}}},
                "Unused": {"type": "string"},
                "Anything": True,
            }
        },
    )
    validator(description)
    assert schema_of(description) == {"$ref": "#/schemas/Pet"}
    assert description.schemas == {
        "Pet": {"properties": {"mate": {"$ref": "#/schemas/Pet"}}},
        "Unused": {"type": "string"},
    }


def test_names_are_safe_and_unique() -> None:
    description = with_schema(
        {
            "allOf": [
                {"$ref": "#/components/schemas/a~1b"},
                {"$ref": "#/x/a_b"},
                {"$ref": "#/y/a b"},
            ]
        },
        components={"schemas": {"a/b": {"title": "1"}, "": {"title": "0"}, "é" * 200: {}}},
        x={"a_b": {"title": "2"}},
        y={"a b": {"title": "3"}},
    )
    validator(description)
    assert keywords_of(description)["allOf"] == [
        {"$ref": "#/schemas/a_b"},
        {"$ref": "#/schemas/a_b-2"},
        {"$ref": "#/schemas/a_b-3"},
    ]
    assert set(description.schemas) == {"a_b", "a_b-2", "a_b-3", "schema", "_"}


def test_a_name_that_was_made_up_gives_way_to_a_real_one() -> None:
    description = with_schema(
        {"$ref": "#/x/a"},
        components={"schemas": {"a": {"title": "1"}, "a-2": {"title": "2"}}},
        x={"a": {"title": "3"}},
    )
    assert schema_of(description) == {"$ref": "#/schemas/a-2-2"}
    assert description.schemas["a-2"] == {"title": "2"}


def test_odd_pointers_lead_to_schemas_as_well() -> None:
    description = with_schema(
        {"$ref": "#/components/schemas/A/properties/x/items"},
        components={"schemas": {"A": {"properties": {"x": {"items": {"type": "string"}}}}}},
    )
    assert schema_of(description) == {"$ref": "#/schemas/items"}
    assert description.schemas["items"] == {"type": "string"}


def test_a_reference_to_a_boolean_schema_is_that_schema() -> None:
    components = {"schemas": {"No": False}}
    assert (
        translated({"$ref": "#/components/schemas/No"}, version="3.1.0", components=components)
        is False
    )


def test_up_to_3_0_what_stands_beside_a_reference_does_not_count() -> None:
    schema = {"$ref": "#/components/schemas/A", "minLength": 5}
    components = {"schemas": {"A": {"type": "string"}}}
    assert translated(schema, components=components) == {"$ref": "#/schemas/A"}
    assert translated(schema, version="3.1.0", components=components) == {
        "$ref": "#/schemas/A",
        "minLength": 5,
    }


def test_nullable_beside_a_reference_allows_null() -> None:
    schema = {"$ref": "#/components/schemas/A", "nullable": True}
    components = {"schemas": {"A": {"type": "string"}}}
    assert translated(schema, components=components) == {
        "anyOf": [{"$ref": "#/schemas/A"}, {"type": "null"}]
    }


def test_chains_of_references_are_shortened() -> None:
    description = with_schema(
        {"$ref": "#/components/schemas/A"},
        version="3.1.0",
        components={
            "schemas": {
                "A": {"$ref": "#/components/schemas/B"},
                "B": {"$ref": "#/components/schemas/C", "title": "b"},
                "C": {"type": "string"},
            }
        },
    )
    assert schema_of(description) == {"$ref": "#/schemas/B"}
    assert description.schemas["A"] == {"$ref": "#/schemas/B"}
    assert description.schemas["B"] == {"$ref": "#/schemas/C", "title": "b"}


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_rings_of_references_allow_anything(version: str) -> None:
    description = with_schema(
        {"$ref": "#/components/schemas/A"},
        version=version,
        components={
            "schemas": {
                "A": {"$ref": "#/components/schemas/B"},
                "B": {"$ref": "#/components/schemas/A"},
            }
        },
    )
    assert schema_of(description) is True
    assert description.schemas == {"A": True, "B": True}
    assert "nothing but a reference to itself" in messages(description)[0]


def test_rings_through_allof_are_opened() -> None:
    description = with_schema(
        {"$ref": "#/components/schemas/A"},
        components={
            "schemas": {
                "A": {"allOf": [{"$ref": "#/components/schemas/B"}, {"type": "string"}]},
                "B": {"anyOf": [{"$ref": "#/components/schemas/A"}, {"minLength": 2}]},
            }
        },
    )
    assert "refers to itself without end" in messages(description)[0]
    assert description.schemas["B"] == {"anyOf": [{"not": {}}, {"minLength": 2}]}
    check = validator(description)
    assert check.is_valid("ab")
    assert not check.is_valid("a")


@pytest.mark.parametrize(
    "reference", ["#/nope", "#", "#/info/title", "other.json", "file:///etc/passwd"]
)
def test_references_that_lead_to_no_schema_allow_anything(reference: str) -> None:
    description = with_schema({"$ref": reference})
    assert schema_of(description) is True
    (problem,) = description.problems
    assert problem.pointer.endswith("/200/content/application~1json/schema")


def test_deep_schemas_are_cut() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(400):
        schema = {"type": "object", "required": ["p"], "properties": {"p": schema}}
    description = with_schema(schema)
    assert "Nested too deeply" in messages(description)[0]
    found: Any = schema_of(description)
    depth = 0
    while found is not True:
        found, depth = found["properties"]["p"], depth + 1
    assert depth == limits.MAX_SCHEMA_DEPTH
