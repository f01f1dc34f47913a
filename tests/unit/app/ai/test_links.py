from __future__ import annotations

import pytest

from app.ai import links
from app.ai.material import Material, OperationMaterial
from app.ai.requests import Step
from app.openapi.model import Operation, Parameter, Schema
from tests.factories.descriptions import (
    ANYTHING,
    PET,
    body,
    content,
    describe,
    operation,
    parameter,
    pet_shop,
    response,
)

ITEM: Schema = {"properties": {"id": {"type": "integer"}, "slug": {"type": "string"}}}


def _listing(schema: Schema, *parameters: Parameter) -> Operation:
    return operation("GET", "/pets", *parameters, responses=(response("200", content(schema)),))


def _existing(collection: Operation, name: str = "petId", schema: Schema = ANYTHING) -> Step | None:
    own = operation("GET", f"/pets/{{{name}}}", parameter(name, "path", schema))
    material = OperationMaterial(Material(describe(collection, own), 0), own)
    return links.existing(material, own.parameters[0])


@pytest.mark.parametrize(
    ("schema", "name", "pointer"),
    [
        ({"type": "array", "items": ITEM}, "petId", "/0/id"),
        ({"items": ITEM}, "slug", "/0/slug"),
        ({"properties": {"pets": {"items": ITEM}, "total": {}}}, "pet_id", "/pets/0/id"),
        ({"allOf": [{"properties": {"pets": {"items": ITEM}}}]}, "id", "/pets/0/id"),
    ],
)
def test_an_id_is_found_in_what_the_collection_lists(
    schema: Schema, name: str, pointer: str
) -> None:
    step = _existing(_listing(schema), name)

    assert step is not None
    assert (step.function, step.path, step.pointer) == ("existing", "/pets", pointer)


@pytest.mark.parametrize(
    "collection",
    [
        _listing({"type": "object"}),
        _listing({"properties": {"a": {"items": ITEM}, "b": {"items": ITEM}}}),
        _listing({"items": {"properties": {"name": {}}}}),
        _listing({"items": ITEM}, parameter("shop")),
        operation("GET", "/pets"),
        operation("GET", "/pets", responses=(response("404", content({"items": ITEM})),)),
        operation(
            "GET", "/pets", responses=(response("200", content({"items": ITEM}, "text/csv")),)
        ),
        operation("GET", "/others", responses=(response("200", content({"items": ITEM})),)),
    ],
)
def test_a_link_that_is_not_obvious_is_not_taken(collection: Operation) -> None:
    assert _existing(collection) is None


def test_a_name_that_identifies_nothing_takes_no_id() -> None:
    assert _existing(_listing({"items": ITEM}), "colour") is None


def test_an_id_of_another_type_is_not_taken() -> None:
    assert _existing(_listing({"items": ITEM}), schema={"type": "string"}) is None


def test_a_collection_below_a_placeholder_is_not_obvious() -> None:
    own = operation("GET", "/shops/{shop}/pets/{petId}", parameter("petId", "path"))
    material = OperationMaterial(Material(describe(own), 0), own)

    assert links.existing(material, own.parameters[0]) is None


def test_a_resource_is_created_with_a_body_of_its_own() -> None:
    shop = pet_shop()
    reading, deleting = shop.operations[2:]
    steps = [
        links.created(OperationMaterial(Material(shop, 0), own), own.parameters[0])
        for own in (reading, deleting)
    ]

    assert all(
        isinstance(step, Step)
        and (step.variable, step.function, step.path, step.pointer)
        == ("pet_id", "created", "/pets", "/id")
        for step in steps
    )
    assert steps[0] != steps[1]


@pytest.mark.parametrize(
    "creation",
    [
        operation("POST", "/others"),
        operation("POST", "/pets", body=body(content(PET))),
        operation("POST", "/pets", parameter("q"), responses=(response("201", content(ITEM)),)),
        operation(
            "POST",
            "/pets",
            body=body(content(schema=False)),
            responses=(response("201", content(ITEM)),),
        ),
    ],
)
def test_a_creation_that_is_not_obvious_is_not_taken(creation: Operation) -> None:
    own = operation("DELETE", "/pets/{petId}", parameter("petId", "path"))
    material = OperationMaterial(Material(describe(creation, own), 0), own)

    assert links.created(material, own.parameters[0]) is None


def test_an_id_that_is_a_part_of_a_segment_is_not_obvious() -> None:
    own = operation("DELETE", "/pets/no-{petId}", parameter("petId", "path"))
    material = OperationMaterial(Material(describe(own), 0), own)

    assert links.created(material, own.parameters[0]) is None


def test_two_things_of_one_name_in_each_other_are_not_created() -> None:
    outer, inner = (parameter(name, "path", {"type": "integer"}) for name in ("folder_id", "id"))
    answer = (response("201", content({"properties": {"id": {"type": "integer"}}})),)
    own = operation("DELETE", "/folders/{folder_id}/folders/{id}", outer, inner)
    top = operation("POST", "/folders", responses=answer)
    below = operation("POST", "/folders/{folder_id}/folders", outer, responses=answer)
    material = OperationMaterial(Material(describe(own, top, below), 0), own)

    assert links.created(material, outer) is not None
    assert links.created(material, inner) is None


def test_a_creation_may_need_no_body() -> None:
    creation = operation("POST", "/pets", responses=(response("201", content(ITEM)),))
    own = operation("DELETE", "/pets/{petId}", parameter("petId", "path"))
    material = OperationMaterial(Material(describe(creation, own), 0), own)

    step = links.created(material, own.parameters[0])

    assert step is not None
    assert (step.body, step.noun, step.deletion) == (None, "pet", "/pets/{petId}")
    assert step.deletion_values == {"petId": "pet_id"}
