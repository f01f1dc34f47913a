from __future__ import annotations

from app.ai import intricacy
from testops.json_values import Json


def _doubling(steps: int) -> dict[str, Json]:
    named: dict[str, Json] = {
        f"S{n}": {"anyOf": [{"$ref": f"#/schemas/S{n + 1}"}] * 2} for n in range(steps)
    }
    return {**named, f"S{steps}": {"type": "string"}}


def test_schemas_that_double_the_work_are_found() -> None:
    schemas = _doubling(30)

    assert intricacy.is_intricate([{"items": [{"$ref": "#/schemas/S0"}]}], schemas)


def test_ordinary_schemas_are_not() -> None:
    schemas = {**_doubling(3), "Node": {"properties": {"next": {"$ref": "#/schemas/Node"}}}}

    assert not intricacy.is_intricate(schemas, schemas)
    assert not intricacy.is_intricate({"properties": {"allOf": {"type": "string"}}}, {})
