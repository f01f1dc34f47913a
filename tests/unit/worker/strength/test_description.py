"""What the description objects to in an answer, and what it leaves open."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.results import Exchange, Message
from testops import expect
from testops.client import Response
from testops.contract import Contract
from testops.json_values import Json
from tests.factories.exchanges import ORIGIN, exchange
from worker.strength.description import SERVER_ERROR, Description

BOOK = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}


def answer(content: Json, headers: Json = None) -> Json:
    return {"content": content, "headers": headers or {}}


CONTRACT = {
    "contract": 1,
    "schemas": {"Book": BOOK},
    "operations": {
        "GET /books/{id}": {
            "pointer": "#/get",
            "responses": {
                "200": answer(
                    {"application/json": {"$ref": "#/schemas/Book"}},
                    {
                        "ETag": {"required": True, "schema": {}},
                        "Age": {"required": False, "schema": {}},
                    },
                ),
                "203": answer({"application/*": {}}),
                "206": answer({"text/csv": {}}),
                "226": answer({"application/json": {"$ref": "#/nowhere"}}),
                "205": answer({"application/json": {}}),
            },
        },
        "GET /books/top": {"pointer": "#/top", "responses": {"200": answer({})}},
        "GET /anything": {"pointer": "#/any", "responses": {}},
    },
}
DESCRIPTION = Description.of(json.dumps(CONTRACT), f"{ORIGIN}/v1")
TAG = [("ETag", "x")]


def got(status: int, body: Json = ..., path: str = "/v1/books/1", **more: Json) -> Exchange:
    return exchange("GET", path, status, body, **more)


def rule(answered: Exchange) -> str:
    duty = DESCRIPTION.objection(answered, "")
    return duty.rule if duty else ""


def nested() -> Exchange:
    """An answer that no reader follows to its end."""
    told = got(200, {"id": 1}, headers=TAG)
    assert told.response is not None
    return replace(told, response=replace(told.response, body="[" * 100_000))


@pytest.mark.parametrize(
    ("answered", "wanted"),
    [
        (got(200, {"id": 1}, headers=TAG), ""),
        # More than is required, and less than is listed.
        (got(200, {"id": 1, "more": 2}, headers=TAG), ""),
        (got(200, {"id": "1"}, headers=TAG), "the body does not fit its schema"),
        (got(200, {}, headers=TAG), "the body does not fit its schema"),
        (got(200, {"id": 1}), "the header ETag is required"),
        (got(200, headers=TAG), "the body is no JSON"),
        # Nobody can say what is wrong with it.
        (nested(), ""),
        (
            got(200, {"id": 1}, headers=TAG, media_type="text/csv"),
            "the media type is not documented",
        ),
        (got(203, {"id": 1}), ""),
        (got(203, {"id": 1}, media_type="text/csv"), "the media type is not documented"),
        (got(206, "a", media_type="text/csv"), ""),
        (got(206), ""),
        (got(205, {"id": 1}, media_type="text/csv"), ""),
        (got(201, {"id": 1}), "the status is not documented"),
        (got(404), ""),
        (got(500), SERVER_ERROR.rule),
        (got(200, "anything", path="/v1/books/top"), ""),
        (got(201, path="/v1/anything"), ""),
        # The schema cannot be used.
        (got(226, {"id": 1}), ""),
        # Nothing of the kind is documented.
        (got(201, path="/v1/members"), ""),
    ],
)
def test_what_is_objected_to(answered: Exchange, wanted: str) -> None:
    assert rule(answered) == wanted


def test_an_objection_says_where_it_is_documented() -> None:
    duty = DESCRIPTION.objection(got(200, {}, headers=TAG), "")

    assert duty is not None
    assert duty.source == "#/get/responses/200"


def test_another_method_is_held_against_the_operation_of_the_case() -> None:
    head = exchange("HEAD", "/v1/books/1", 200, headers=TAG)

    assert DESCRIPTION.objection(head, "GET /books/{id}") is None
    duty = DESCRIPTION.objection(replace(head, status=299), "GET /books/{id}")
    assert duty is not None


def test_no_answer_and_no_whole_answer_are_not_judged() -> None:
    good = got(200, {"id": 1}, headers=TAG)
    assert good.response is not None
    cut = replace(good, response=Message(good.response.headers, '{"id', truncated=True))

    assert rule(replace(good, status=None, response=None)) == ""
    assert rule(cut) == ""


@given(
    status=st.sampled_from([200, 201, 203, 204, 205, 206, 299, 302, 404, 500, 503]),
    body=st.sampled_from([{"id": 1}, {"id": "1"}, {}, [], None, "a", ...]),
    media_type=st.sampled_from(
        ["application/json", "application/problem+json", "text/csv", "Text/CSV; a=b"]
    ),
    is_tagged=st.booleans(),
)
def test_what_is_objected_to_is_what_the_expectation_of_the_sdk_finds(
    status: int, body: Json, media_type: str, *, is_tagged: bool
) -> None:
    """Two readings of the same rules: neither is made from the other."""
    answered = got(status, body, headers=TAG if is_tagged else [], media_type=media_type)
    assert answered.response is not None
    content = answered.response.body
    operation = Contract(CONTRACT).operation("GET /books/{id}")
    response = Response(
        method="GET",
        url=answered.url,
        status=status,
        headers=httpx.Headers(list(answered.response.headers)),
        content=content.encode(),
        text=content,
        operation=operation,
    )

    try:
        expect.documented(response)
        is_refused = False
    except AssertionError:
        is_refused = True

    is_objected_to = bool(rule(answered))
    assert is_refused or not is_objected_to
    # What a problem must be, whatever is documented, is not the description's.
    assert is_objected_to or not is_refused or "problem" in media_type


@pytest.mark.parametrize("text", ["{}", "[]", "{", '{"contract": 2, "operations": {}}'])
def test_without_a_contract_nothing_is_objected_to(text: str) -> None:
    nothing = Description.of(text, ORIGIN)

    assert nothing.objection(got(200), "") is None
    assert nothing.operation(got(200), "otherwise") == "otherwise"


def test_the_plainest_path_is_the_operation() -> None:
    assert DESCRIPTION.operation(got(200, path="/v1/books/top"), "") == "GET /books/top"
    assert DESCRIPTION.operation(got(200, path="/v1/books/9?x=1"), "") == "GET /books/{id}"
