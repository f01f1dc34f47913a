from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.ai.described_inputs import DescribedInputs
from app.ai.directions import Direction, Lens
from app.ai.requested import Requested
from app.openapi.model import Operation, Schema
from testops.json_values import Json
from tests.factories.descriptions import ANYTHING, body, content, describe, operation, parameter

PET: Schema = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "owners": {"type": "array", "items": {"$ref": "#/schemas/Owner"}},
        "kind": {"anyOf": [{"const": "$ref"}, {"enum": [1]}]},
    },
}
OWNER: Schema = {"properties": {"$ref": {"type": "string"}}}


def described(own: Operation, **schemas: Schema) -> tuple[Mapping[str, Json] | None, set[str]]:
    """What is told of an operation, and the schemas it leads to."""
    description = describe(own, schemas=schemas)
    requested = Requested(description.schemas, Lens(Direction.REQUEST, description.schemas))
    inputs = DescribedInputs(description, requested)
    return inputs.of(own), set(inputs.schemas)


def test_inputs_are_told_as_openapi_with_references_into_the_contract() -> None:
    own = operation(
        "PUT",
        "/pets/{petId}",
        parameter("petId", "path", {"type": "integer"}),
        parameter("dry", schema={"type": "boolean"}, required=False),
        parameter("Authorization", "header"),
        body=body(content(ANYTHING, "text/plain"), content({"$ref": "#/schemas/Pet"})),
    )
    told, schemas = described(own, Pet=PET, Owner=OWNER, Car={"type": "object"})

    assert told == {
        "parameters": [
            {
                "name": "petId",
                "in": "path",
                "required": True,
                "style": "simple",
                "explode": False,
                "schema": {"type": "integer"},
            },
            {
                "name": "dry",
                "in": "query",
                "required": False,
                "style": "form",
                "explode": True,
                "schema": {"type": "boolean"},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/inputs/Pet"}}},
        },
    }
    assert schemas == {"Pet", "Owner"}


def test_schemas_are_told_as_they_count_for_requests() -> None:
    description = describe(
        operation("POST", "/pets", body=body(content({"$ref": "#/schemas/Pet"}))),
        schemas={"Pet": PET, "Owner": OWNER},
    )
    requested = Requested(description.schemas, Lens(Direction.REQUEST, description.schemas))
    inputs = DescribedInputs(description, requested)
    inputs.of(description.operations[0])

    pet = inputs.schemas["Pet"]
    assert pet["required"] == ["name"]
    assert pet["properties"]["owners"]["items"] == {"$ref": "#/inputs/Owner"}
    assert pet["properties"]["kind"] == {"anyOf": [{"const": "$ref"}, {"enum": [1]}]}
    assert inputs.schemas["Owner"] == OWNER


@pytest.mark.parametrize(
    "own",
    [
        operation("GET", "/pets"),
        operation("DELETE", "/pets", parameter("all")),
        operation("GET", "/pets", parameter("filter", media_type="application/json")),
        operation("GET", "/pets", parameter("whole", "query"), body=body(content(ANYTHING, "a/b"))),
        operation("POST", "/pets", body=body(content(ANYTHING, "multipart/form-data"))),
    ],
)
def test_what_cannot_be_sent_as_it_is_generated_is_not_told(own: Operation) -> None:
    assert described(own) == (None, set())


def test_a_body_without_parameters_and_parameters_without_a_body_are_told() -> None:
    only_body, _ = described(
        operation("POST", "/pets", body=body(content(ANYTHING), required=False))
    )
    only_query, _ = described(operation("GET", "/pets", parameter("size")))

    assert only_body is not None
    assert only_query is not None
    assert only_body["requestBody"]["required"] is False
    assert "requestBody" not in only_query


def test_what_http_itself_answers_to_is_not_told_where_it_may_be_left_out() -> None:
    told, _ = described(
        operation(
            "GET",
            "/pets",
            parameter("If-None-Match", "header", required=False),
            parameter("range", "header", required=False),
            parameter("range", required=False),
            parameter("If-Match", "header"),
        )
    )

    assert told is not None
    assert [(each["in"], each["name"]) for each in told["parameters"]] == [
        ("query", "range"),
        ("header", "If-Match"),
    ]


def test_a_body_that_cannot_be_told_is_left_out_where_it_may_be() -> None:
    form = content(ANYTHING, "application/x-www-form-urlencoded")
    told, _ = described(
        operation("GET", "/pets", parameter("size"), body=body(form, required=False))
    )

    assert told is not None
    assert "requestBody" not in told


def chain(length: int) -> dict[str, Schema]:
    return {
        f"S{n}": {"properties": {"next": {"$ref": f"#/schemas/S{n + 1}"}}} for n in range(length)
    }


def test_what_leads_to_too_many_schemas_or_would_never_end_is_not_told() -> None:
    own = operation("POST", "/pets", body=body(content({"$ref": "#/schemas/S0"})))
    twice = {f"S{n}": {"allOf": [{"$ref": f"#/schemas/S{n + 1}"}] * 2} for n in range(30)}

    told, schemas = described(own, **chain(40), S40={})
    assert (told, schemas) == (None, set())
    told, schemas = described(own, **chain(39), S39={})
    assert told is not None
    assert len(schemas) == 40
    assert described(own, **twice) == (None, set())
