from __future__ import annotations

import pytest

from app.ai import answers
from app.openapi.model import Operation, Schema
from tests.factories.descriptions import content, operation, response

PET: Schema = {"properties": {"name": {"type": "string"}}}
PETS: Schema = {"type": "array", "items": PET}
SCHEMAS = {"Pet": PET, "Alias": {"$ref": "#/schemas/Pet"}, "Loop": {"$ref": "#/schemas/Loop"}}


def reading(schema: Schema) -> Operation:
    return operation("GET", "/pets", responses=(response("200", content(schema)),))


@pytest.mark.parametrize(
    ("schema", "at"),
    [
        (PET, ""),
        ({"$ref": "#/schemas/Pet"}, ""),
        ({"properties": {"data": PET}}, "/data"),
        ({"properties": {"data": PET, "other": {"properties": {"a": True}}}}, "/data"),
        ({"properties": {"data": PET, "old": PET}}, None),
        ({"properties": {"data": True}}, None),
        (PETS, None),
    ],
)
def test_a_resource_is_the_object_that_has_its_properties(schema: Schema, at: str | None) -> None:
    found = answers.entity(reading(schema), SCHEMAS, ["name"])

    assert (found.at if found else None) == at


@pytest.mark.parametrize(
    ("schema", "at"),
    [
        (PETS, ""),
        ({"properties": {"pets": PETS, "total": {}}}, "/pets"),
        ({"properties": {"pets": PETS, "dogs": PETS}}, None),
        (PET, None),
    ],
)
def test_items_are_in_the_only_list(schema: Schema, at: str | None) -> None:
    found = answers.listing(reading(schema), SCHEMAS)

    assert (found.at if found else None) == at


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({"$ref": "#/schemas/Pet"}, "Pet"),
        ({"$ref": "#/schemas/Alias"}, "Pet"),
        ({"$ref": "#/schemas/Loop"}, "Loop"),
        (PET, ""),
        (True, ""),
    ],
)
def test_a_schema_has_the_name_that_its_references_lead_to(schema: Schema, name: str) -> None:
    assert answers.name(reading(schema), SCHEMAS) == name


def test_what_is_no_json_has_no_schema() -> None:
    text = operation("GET", "/pets", responses=(response("200", content(PET, "text/csv")),))

    assert answers.schema(text, SCHEMAS) == {}
    assert answers.name(text, SCHEMAS) == ""
