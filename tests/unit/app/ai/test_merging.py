from __future__ import annotations

import pytest

from app.ai import merging
from app.openapi.model import Schema
from testops.json_values import Json


def test_references_and_parts_are_merged_at_the_top() -> None:
    schemas: dict[str, Schema] = {
        "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    }
    whole = merging.merged(
        {
            "allOf": [{"$ref": "#/schemas/Base"}, {"required": ["name"], "maxProperties": 3}],
            "properties": {"name": {"type": "string"}, "id": {"minimum": 1}},
            "maxProperties": 5,
        },
        schemas,
    )

    assert whole == {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "name": {"type": "string"},
            "id": {"allOf": [{"minimum": 1}, {"type": "integer"}]},
        },
        "maxProperties": 3,
        "choices": [],
    }


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"type": "integer"}, {"type": "number"}, {"type": ["integer"]}),
        ({"type": ["string", "null"]}, {"type": "string"}, {"type": ["string"]}),
        ({"type": "string"}, {"type": "array"}, {"type": []}),
        ({"enum": [1, 2]}, {"enum": [2, 3]}, {"enum": [2]}),
        ({"minLength": 1}, {"minLength": 3}, {"minLength": 3}),
        ({"pattern": "a"}, {"pattern": "b"}, {"pattern": "a"}),
        ({"required": ["a"]}, {"required": ["a", "b"]}, {"required": ["a", "b"]}),
        ({"items": {"a": 1}}, {"items": {"b": 1}}, {"items": {"allOf": [{"a": 1}, {"b": 1}]}}),
    ],
)
def test_two_rules_count_both(
    one: dict[str, Json], other: dict[str, Json], both: dict[str, Json]
) -> None:
    assert merging.merged({"allOf": [one, other]}, {}) == {**both, "choices": []}


def test_alternatives_are_gathered() -> None:
    whole = merging.merged({"oneOf": [True], "allOf": [{"anyOf": [{"a": 1}]}, {"anyOf": []}]}, {})

    assert whole == {"choices": [[True], [{"a": 1}]]}


def test_what_allows_nothing_is_none_and_what_allows_all_is_empty() -> None:
    assert merging.merged(schema=False, schemas={}) is None
    assert merging.merged({"allOf": [True, False]}, {}) is None
    assert merging.merged(schema=True, schemas={}) == {}
    assert merging.merged({"$ref": "#/schemas/Gone"}, {}) == {"choices": []}


def test_rings_and_doubling_end() -> None:
    schemas: dict[str, Schema] = {
        f"S{n}": {"allOf": [{"$ref": f"#/schemas/S{(n + 1) % 40}"}] * 2} for n in range(40)
    }

    assert merging.merged({"$ref": "#/schemas/S0"}, schemas) == {"choices": []}
