from __future__ import annotations

from dataclasses import replace

import pytest

from app.ai import inputs
from app.ai.inputs import Inputs
from app.ai.material import Material, OperationMaterial
from app.ai.requests import Body
from app.openapi.model import Operation, Parameter, Response, Schema
from testops.json_values import Json
from tests.factories.descriptions import (
    body,
    content,
    describe,
    operation,
    parameter,
    response,
)


def gather(own: Operation, **schemas: Schema) -> Inputs:
    description = describe(own, schemas=schemas)
    return inputs.gathered(OperationMaterial(Material(description, 0), own))


def test_required_inputs_and_those_with_examples_are_sent() -> None:
    found = gather(
        operation(
            "POST",
            "/pets/{petId}",
            parameter("petId", "path", examples=(7,)),
            parameter("limit", schema={"enum": [5]}),
            parameter("page", required=False),
            parameter("sort", required=False, examples=("name",)),
            parameter("X-Tenant", "header", examples=(9,)),
            parameter("theme", "cookie", examples=("dark",)),
            parameter("odd", "query", {"type": "boolean"}),
            body=body(content(examples=({"name": "Rex"},))),
        )
    )

    request = found.request
    assert request.path == {"petId": 7}
    assert request.query == {"limit": 5, "sort": "name", "odd": True}
    assert request.headers == {"X-Tenant": "9"}
    assert request.cookies == {"theme": "dark"}
    assert request.body == Body("json", {"name": "Rex"})
    assert found.lacking == []
    assert found.needs() == "an existing petId"
    assert found.needs(["petId"]) == ""


def test_a_required_query_that_is_no_form_is_lacking() -> None:
    whole = replace(parameter("all", media_type="application/json"), location="querystring")
    assert gather(operation("GET", "/pets", whole)).lacking == [
        "querystring parameter all: only a form is sent as query"
    ]


def test_what_is_made_up_is_a_need() -> None:
    found = gather(
        operation(
            "PUT",
            "/files/{name}",
            parameter("name", "path", {"type": "string"}),
            parameter("owner_id", examples=(3,)),
            parameter("word", schema={"type": "string"}),
            body=body(
                content(
                    {"required": list("abcde")}, examples=({"id": 1, **dict.fromkeys("abcde")},)
                )
            ),
        )
    )

    assert found.resource_needs() == "a value for name that exists"
    assert (
        found.needs()
        == "a value for name that exists and values the API takes for owner_id, word, id"
    )


def test_few_made_up_inputs_are_named() -> None:
    required = [f"p{n}" for n in range(9)]
    found = gather(operation("POST", "/x", body=body(content({"required": required}))))

    assert found.needs() == "values the API takes for p0, p1, p2, p3, p4"


def test_what_an_example_lacks_is_a_need() -> None:
    given = replace(content(examples=({"a": 0},)), needs=("a",))

    assert gather(operation("POST", "/x", body=body(given))).needs() == "values the API takes for a"


def test_a_post_may_choose_the_id() -> None:
    own = operation("POST", "/pets", body=body(content(examples=({"id": 1, "shop_id": 2},))))

    assert gather(own).made_up == ["shop_id"]


NEVER: Schema = {"type": "integer", "minimum": 3, "maximum": 1}


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (
            parameter("q", schema=NEVER),
            "query parameter q: no value was found that fits its schema",
        ),
        (
            parameter("q", schema={"$ref": "#/schemas/Bad"}),
            "query parameter q: its schema cannot be used",
        ),
        (
            parameter("q", schema={"$ref": "#/schemas/S0"}),
            "query parameter q: its schema is too intricate to check a value against",
        ),
        (
            parameter("q", "path", {"const": ""}),
            "path parameter q: an empty text has no place in a path",
        ),
        (
            parameter("q", "header", {"const": "a\r\nb"}),
            "header parameter q: no header can carry the value",
        ),
        (
            parameter("q q", "header", {"const": "a"}),
            "header parameter q q: no header can carry the value",
        ),
        (
            parameter("q", "cookie", {"const": "a;b"}),
            "cookie parameter q: no cookie can carry the value",
        ),
    ],
)
def test_a_required_input_without_a_value_is_lacking(asked: Parameter, reason: str) -> None:
    doubling: dict[str, Schema] = {
        f"S{n}": {"anyOf": [{"$ref": f"#/schemas/S{n + 1}"}] * 2} for n in range(30)
    }
    found = gather(
        operation("GET", "/{q}" if asked.location == "path" else "/x", asked),
        Bad={"type": "strng"},
        **doubling,
    )

    assert found.lacking == [reason]


def test_an_optional_input_without_a_value_is_left_out() -> None:
    found = gather(
        operation("GET", "/x", parameter("q", schema=NEVER, required=False, examples=(1,)))
    )

    assert found.lacking == []
    assert found.request.query == {}


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        ((content(NEVER),), "request body: no value was found that fits its schema"),
        (
            (content(media_type="application/xml"),),
            "request body: no body is made of its media types",
        ),
        (
            (content({"type": "string"}, "multipart/form-data"),),
            "request body: a form is made of an object only",
        ),
        ((), "request body: no body is made of its media types"),
    ],
)
def test_a_required_body_without_a_value_is_lacking(
    contents: tuple[Json, ...], reason: str
) -> None:
    assert gather(operation("POST", "/x", body=body(*contents))).lacking == [reason]


def test_an_optional_body_without_a_value_is_left_out() -> None:
    found = gather(operation("POST", "/x", body=body(content(NEVER), required=False)))

    assert (found.lacking, found.request.body) == ([], None)


def test_the_next_media_type_is_taken_where_the_plainest_has_no_value() -> None:
    found = gather(
        operation("POST", "/x", body=body(content(media_type="text/plain"), content(NEVER)))
    )

    assert found.content == 0
    assert found.made_up == ["the request body"]


def test_a_method_without_a_body_gets_none() -> None:
    assert gather(operation("GET", "/x", body=body(content()))).request.body is None


@pytest.mark.parametrize(
    ("path", "own", "needs"),
    [
        ("/users/{user_id}/avatar", (response("404"),), "a value for avatar that exists"),
        ("/users/{user_id}/avatar", (), ""),
        ("/users/{user_id}", (response("404"),), ""),
        ("/users/{user_id}/v1.2", (response("404"),), ""),
        ("/avatar", (response("404"),), ""),
        ("/users/{user_id}/pets", (response("200", content({"items": {}})), response("404")), ""),
    ],
)
def test_what_an_existing_resource_need_not_have_is_named(
    path: str, own: tuple[Response, ...], needs: str
) -> None:
    user = parameter("user_id", "path", {"type": "integer"})
    reading = operation("GET", path, *([user] if "{" in path else []), responses=own)

    assert gather(reading).needs(["user_id"]) == needs
