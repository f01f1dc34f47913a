from __future__ import annotations

from dataclasses import replace

from app.ai import contracts
from tests.factories.descriptions import (
    content,
    describe,
    header,
    operation,
    parameter,
    pet_shop,
    response,
)


def test_a_contract_says_what_items_are_and_what_is_not_encoded() -> None:
    lines = replace(content(True, "application/jsonl"), item_schema={"$ref": "#/schemas/Row"})  # noqa: FBT003 - a schema
    place = replace(parameter("place"), allows_reserved=True)
    own = operation("GET", "/rows", place, parameter("q"), responses=(response("200", lines),))

    document = contracts.contract_of(describe(own, schemas={"Row": {"type": "object"}}))

    told = document["operations"]["GET /rows"]
    assert told["reserved"] == ["place"]
    assert told["responses"]["200"]["items"] == {"application/jsonl": {"$ref": "#/schemas/Row"}}
    assert document["schemas"] == {"Row": {"type": "object"}}


def test_a_contract_holds_what_answers_are_held_against() -> None:
    document = contracts.contract_of(pet_shop(), ["POST /pets"])

    assert document == {
        "contract": 1,
        "title": "Pets",
        "operations": {
            "POST /pets": {
                "pointer": "#/paths/~1pets/post",
                "inputs": {
                    "parameters": [],
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"$ref": "#/inputs/Pet"}}},
                    },
                },
                "responses": {
                    "201": {
                        "pointer": "#/responses/201",
                        "content": {"application/json": {"$ref": "#/schemas/Pet"}},
                        "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                    },
                    "422": {
                        "pointer": "#/responses/422",
                        "content": {"application/problem+json": {"$ref": "#/schemas/Problem"}},
                        "headers": {},
                    },
                },
            }
        },
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id", "name"],
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": "string", "maxLength": 20},
                    "kind": {"enum": ["cat", "dog"]},
                },
            },
            "Problem": {"type": "object", "required": ["title"]},
        },
        "inputs": {
            "Pet": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": "string", "maxLength": 20},
                    "kind": {"enum": ["cat", "dog"]},
                },
            },
        },
    }


def test_a_contract_holds_all_operations_unless_told_otherwise() -> None:
    assert len(contracts.contract_of(pet_shop())["operations"]) == 4


def test_a_header_that_restates_the_media_type_is_ignored() -> None:
    answer = response("200", content(), headers=(header("Content-Type"), header("X-A")))
    document = contracts.contract_of(describe(operation("GET", "/pets", responses=(answer,))))

    assert list(document["operations"]["GET /pets"]["responses"]["200"]["headers"]) == ["X-A"]
