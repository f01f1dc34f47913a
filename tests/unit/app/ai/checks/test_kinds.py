"""What each kind of check makes of an operation, read from the modules that are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.ai import offline
from app.openapi.model import Body, Operation, Schema
from tests.factories import written
from tests.factories.descriptions import (
    PET,
    body,
    content,
    describe,
    operation,
    parameter,
    pet_shop,
    response,
)

#: How the names of these begin.
_KINDS = ("documented_success", "missing_", "unknown_id")


def functions(own: Operation, *others: Operation, **schemas: Schema) -> dict[str, str]:
    """Check → source of its function, of the kinds of check that are looked at here."""
    found = written.functions(own, *others, **schemas)
    return {name: source for name, source in found.items() if name.startswith(_KINDS)}


def success(*statuses: str) -> str:
    """The success check of an operation that documents these answers."""
    own = operation("GET", "/pets", responses=tuple(response(each) for each in statuses))
    return functions(own)["documented_success"]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("200",), "expect.success(response, 200)"),
        (("200", "202", "304", "404"), "expect.success(response, 200, 202)"),
        (("302", "404"), "expect.success(response, 302)"),
        (("2XX",), "expect.success(response)"),
        (("default",), "expect.success(response)"),
        (("302", "default"), "expect.success(response)"),
        (("200", "default"), "expect.success(response, 200)"),
        ((), "expect.success(response)"),
    ],
)
def test_a_success_is_one_of_the_documented(statuses: tuple[str, ...], expected: str) -> None:
    assert success(*statuses).rstrip().endswith(expected)


def test_where_only_errors_are_documented_no_success_is_asked_for() -> None:
    assert "expect.success" not in success("404", "500")
    assert "Source: #/responses/404" in success("404", "500")


def test_a_success_points_at_the_answer_that_documents_it() -> None:
    assert "Source: #/responses/201" in success("400", "301", "201")
    assert "Source: #/paths/~1pets/get" in success()


def test_reading_takes_an_id_from_the_list() -> None:
    _, _, reading, _ = pet_shop().operations
    script = offline.write_case(pet_shop(), reading).script

    assert 'pet_id = existing(api, "/pets", "/0/id")' in script
    assert 'response = api.get("/pets/{petId}", path={"petId": pet_id})' in script
    assert "expect.success(response, 200)" in script


def test_deleting_creates_what_it_deletes() -> None:
    deleting = pet_shop().operations[3]
    script = offline.write_case(pet_shop(), deleting).script

    assert "def test_documented_success(api: Api, pet_id: Json) -> None:" in script
    assert 'pet_id = created(api, "/pets", "/id", json=' in script
    assert "expect.success(response, 204)" in script


def test_deleting_what_cannot_be_created_is_skipped_with_the_reason() -> None:
    own = operation("DELETE", "/pets/{petId}", parameter("petId", "path", examples=(1,)))
    case = offline.write_case(describe(own), own)

    assert '@pytest.mark.skip(reason="Needs a resource that may be deleted.")' in case.script
    assert case.notes == ("Needs a resource that may be deleted.",)


def test_deleting_without_a_path_parameter_is_checked() -> None:
    assert "skip" not in functions(operation("DELETE", "/session"))["documented_success"]


def test_changing_takes_from_the_list_what_cannot_be_created() -> None:
    listing = replace(pet_shop().operations[0])
    own = operation("PUT", "/pets/{petId}", parameter("petId", "path"), body=body(content(PET)))

    found = functions(own, listing, Pet=PET)

    assert "existing(" in found["documented_success"]
    assert "existing(" in found["missing_body_name"]


def test_a_tunnel_is_not_asked_for() -> None:
    found = functions(operation("CONNECT", "/pets/{petId}", parameter("q")))

    assert list(found) == ["documented_success"]
    assert "Needs a proxy" in found["documented_success"]


def test_every_required_input_is_left_out_once() -> None:
    own = operation(
        "POST",
        "/pets",
        parameter("page", schema={"type": "integer"}),
        parameter("sort", required=False, examples=("name",)),
        parameter("size", schema={"type": "integer", "default": 5}),
        parameter("X-Tenant", "header", examples=("a",)),
        parameter("theme", "cookie", examples=("dark",)),
        body=body(content({"$ref": "#/schemas/Pet"})),
    )
    pet: Schema = {
        "required": ["name", "kind", "id"],
        "properties": {"kind": {"default": "cat"}, "id": {"readOnly": True}},
    }

    found = functions(own, Pet=pet)

    assert list(found) == [
        "documented_success",
        "missing_query_page",
        "missing_header_x_tenant",
        "missing_cookie_theme",
        "missing_body",
        "missing_body_name",
    ]
    assert "page" not in found["missing_query_page"].partition("api.post")[2]
    assert 'withhold=["X-Tenant"]' in found["missing_header_x_tenant"]
    assert "cookies" not in found["missing_cookie_theme"]
    assert 'withhold=["Cookie"]' in found["missing_cookie_theme"]
    assert "json" not in found["missing_body"]
    assert (
        'without(BODY, "name")' in found["missing_body_name"]
        or '"kind"' in found["missing_body_name"]
    )
    assert all("expect.refused(response)" in found[name] for name in list(found)[1:])


@pytest.mark.parametrize(
    "asked",
    [
        body(content({"type": "string"}, "text/plain")),
        body(content({"properties": {"a": {}}}, "application/x-www-form-urlencoded")),
        body(content({"type": "integer"}), required=False),
    ],
)
def test_a_body_that_may_be_empty_is_not_missed(asked: Body) -> None:
    own = replace(operation("POST", "/pets"), body=asked)

    assert list(functions(own)) == ["documented_success"]


def test_a_required_list_is_missed_as_a_whole() -> None:
    own = operation(
        "POST", "/pets", body=body(content({"type": "array", "items": {"type": "integer"}}))
    )

    assert list(functions(own)) == ["documented_success", "missing_body"]


def test_what_has_no_value_leaves_the_other_checks_out() -> None:
    own = operation(
        "GET", "/pets/{petId}", parameter("petId", "path"), parameter("q", schema=False)
    )
    case = offline.write_case(describe(own), own)

    assert case.script.count("def test_") == 1
    assert case.notes == ("Needs query parameter q: its schema allows no value.",)


NOT_FOUND = (response("200"), response("404"))


@pytest.mark.parametrize(
    ("schema", "source"),
    [
        ({"type": "integer"}, "999999999"),
        ({"type": "string", "format": "uuid"}, '"ffffffff-ffff-4fff-bfff-ffffffffffff"'),
        ({"type": "string"}, '"unknown-'),
        ({}, '"unknown-'),
        ({"type": "string", "pattern": "^[a-z]{8,20}$"}, '"'),
        ({"type": "string", "maxLength": 10}, '"'),
    ],
)
def test_an_unknown_id_is_of_the_right_kind(schema: Schema, source: str) -> None:
    own = operation("GET", "/pets/{petId}", parameter("petId", "path", schema), responses=NOT_FOUND)

    check = functions(own)["unknown_id"]

    assert f'path={{"petId": {source}' in check
    assert "Source: #/responses/404" in check
    assert "expect.not_found(response)" in check


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "maximum": 9},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": "^[ab]$"},
        {"type": "string", "maxLength": 3},
    ],
)
def test_where_every_value_may_exist_no_unknown_id_is_asked_for(schema: Schema) -> None:
    own = operation("GET", "/pets/{petId}", parameter("petId", "path", schema), responses=NOT_FOUND)

    assert "unknown_id" not in functions(own)


@pytest.mark.parametrize(
    ("own", "is_asked"),
    [
        (operation("GET", "/pets/{petId}", parameter("petId", "path")), True),
        (operation("GET", "/pets/{pet}", parameter("pet", "path")), True),
        (operation("DELETE", "/pets/{petId}", parameter("petId", "path")), False),
        (operation("GET", "/pets/{petId}/toys", parameter("petId", "path")), False),
        (operation("GET", "/delay/{seconds}", parameter("seconds", "path")), False),
        (operation("GET", "/pets", responses=NOT_FOUND), False),
        (
            operation(
                "GET",
                "/delay/{n}",
                parameter("n", "path", {"type": "integer"}),
                responses=NOT_FOUND,
            ),
            False,
        ),
        (operation("GET", "/users/{name}", parameter("name", "path"), responses=NOT_FOUND), True),
        (
            operation(
                "PUT",
                "/pets/{petId}",
                parameter("petId", "path"),
                responses=(*NOT_FOUND, response("201")),
            ),
            False,
        ),
    ],
)
def test_404_is_asked_for_where_the_description_or_http_demand_it(
    own: Operation, *, is_asked: bool
) -> None:
    assert ("unknown_id" in functions(own)) is is_asked


def test_an_id_whose_schema_cannot_be_used_has_no_unknown_value() -> None:
    own = operation(
        "GET",
        "/pets/{petId}",
        parameter("petId", "path", {"const": 1}),
        responses=NOT_FOUND,
    )

    assert "unknown_id" not in functions(own)
