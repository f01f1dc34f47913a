from __future__ import annotations

import json
from pathlib import Path

import pytest

from testops import contract
from testops.errors import ContractError
from testops.json_values import Json


def _response(**content: Json) -> dict[str, Json]:
    return {"content": content, "headers": {}}


DOCUMENT: dict[str, Json] = {
    "contract": 1,
    "title": "Pets",
    "operations": {
        "GET /pets": {
            "pointer": "#/paths/~1pets/get",
            "responses": {
                "200": {
                    "pointer": "#/components/responses/Pets",
                    "content": {"Application/JSON; charset=utf-8": {"$ref": "#/schemas/Pet"}},
                    "headers": {"X-Total": {"required": True, "schema": True}},
                },
                "4XX": {"content": {"text/plain": True}, "headers": {}},
                "default": {"content": {}, "headers": {}},
            },
        },
        "GET /": {"pointer": "#/paths/~1/get", "responses": {}},
    },
    "schemas": {
        "Pet": {"properties": {"owner": {"$ref": "#/schemas/Owner"}, "others": [1]}},
        "Owner": {"anyOf": [{"$ref": "#/schemas/Pet"}, {"$ref": "#/schemas/Nobody"}]},
        "Car": True,
    },
}


@pytest.mark.parametrize(
    ("status", "place"),
    [(200, "200"), (404, "4XX"), (302, "default"), (500, "default")],
)
def test_an_answer_is_found_by_status_then_range_then_default(status: int, place: str) -> None:
    answer = contract.Contract(DOCUMENT).operation("GET /pets").response_to(status)

    assert answer is not None
    assert answer.place == f"/operations/GET%20~1pets/responses/{place}"


def test_an_answer_knows_where_it_is_documented() -> None:
    operation = contract.Contract(DOCUMENT).operation("GET /pets")
    given, derived = operation.response_to(200), operation.response_to(404)

    assert given is not None
    assert derived is not None
    assert given.pointer == "#/components/responses/Pets"
    assert given.media_types == {"application/json": "Application/JSON; charset=utf-8"}
    assert given.headers == {"X-Total": True}
    assert derived.pointer == "#/paths/~1pets/get/responses/4XX"


def test_no_answer_is_documented_where_nothing_is() -> None:
    operation = contract.Contract(DOCUMENT).operation("GET /")

    assert operation.response_to(200) is None
    assert operation.statuses == ()


def test_an_operation_knows_its_statuses_and_media_types() -> None:
    operation = contract.Contract(DOCUMENT).operation("GET /pets")

    assert operation.statuses == ("200", "4XX", "default")
    assert operation.media_types() == ("Application/JSON; charset=utf-8", "text/plain")


def test_the_first_operation_that_is_held_is_taken() -> None:
    assert contract.Contract(DOCUMENT).operation("GET /cars", "GET /pets").key == "GET /pets"


def test_an_operation_that_is_not_held_is_an_error() -> None:
    with pytest.raises(ContractError, match="does not hold the operation GET /cars or GET /cats"):
        contract.Contract(DOCUMENT).operation("GET /cars", "GET /cats")


def test_a_contract_is_cut_to_some_operations_and_what_these_refer_to() -> None:
    cut = contract.cut(DOCUMENT, ["GET /pets", "GET /unknown"])

    assert list(cut["operations"]) == ["GET /pets"]
    assert set(cut["schemas"]) == {"Pet", "Owner"}
    assert cut["title"] == "Pets"
    assert contract.cut(DOCUMENT, ["GET /"])["schemas"] == {}


def test_what_an_operation_takes_is_cut_out_with_it() -> None:
    taken = {"parameters": [{"name": "a", "schema": {"$ref": "#/inputs/A"}}]}
    document: dict[str, Json] = {
        "operations": {"GET /a": {"inputs": taken}, "GET /b": {}},
        "schemas": {},
        "inputs": {"A": {"items": {"$ref": "#/inputs/B"}}, "B": True, "C": True},
    }

    assert set(contract.cut(document, ["GET /a"])["inputs"]) == {"A", "B"}
    assert contract.cut(document, ["GET /b"])["inputs"] == {}
    assert contract.cut(DOCUMENT, ["GET /pets"])["inputs"] == {}


def test_a_contract_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(DOCUMENT), "utf-8")

    assert contract.load(path).operation("GET /pets").pointer == "#/paths/~1pets/get"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"contract": 2, "operations": {}}'])
def test_a_file_that_is_no_contract_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "contract.json"
    path.write_text(text, "utf-8")

    with pytest.raises(ContractError, match=r"cannot be read|is no JSON object|is no contract"):
        contract.load(path)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="cannot be read"):
        contract.load(tmp_path / "contract.json")


def test_how_to_delete_what_is_created_is_part_of_what_is_cut_out() -> None:
    """By the collection's POST or the member's PUT, whatever the placeholders are called."""
    keys = ("GET /pets", "POST /pets", "PUT /pets/{id}", "DELETE /pets/{petId}", "DELETE /pets")
    document: dict[str, Json] = {"operations": {key: {} for key in keys}, "schemas": {}}
    for creating in ("POST /pets", "PUT /pets/{id}"):
        cut = contract.cut(document, [creating])
        assert set(cut["operations"]) == {creating, "DELETE /pets/{petId}"}
    assert set(contract.cut(document, ["GET /pets"])["operations"]) == {"GET /pets"}
