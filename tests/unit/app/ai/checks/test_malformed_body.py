from __future__ import annotations

import pytest

from app.openapi.model import Body, Operation, Response
from tests.factories.descriptions import body, content, operation, parameter, pet_shop, response
from tests.factories.written import functions, request_in

FORM = "application/x-www-form-urlencoded"
OBJECT = {"required": ["a"], "properties": {"a": {"type": "integer"}}}


def posting(asked: Body, *statuses: str) -> Operation:
    """An operation that takes a body."""
    answers: tuple[Response, ...] = tuple(response(each) for each in ("201", *statuses))
    return operation("POST", "/pets", body=asked, responses=answers)


@pytest.mark.parametrize(
    ("media_type", "sent"),
    [
        ("application/json", "application/json"),
        ("application/merge-patch+json", "application/merge-patch+json"),
        ("*/*", "application/json"),
    ],
)
def test_a_body_that_is_cut_off_is_refused(media_type: str, sent: str) -> None:
    found = functions(posting(body(content(OBJECT, media_type))))["malformed_body"]

    assert f'headers={{"Content-Type": "{sent}"}}' in request_in(found)
    assert "content='{\"unfinished\": '" in request_in(found)
    assert "expect.refused(response)" in found
    assert f"Source: #/content/{media_type}" in found


def test_any_text_is_a_form() -> None:
    assert "malformed_body" not in functions(posting(body(content(OBJECT, FORM))))


@pytest.mark.parametrize("media_type", ["application/json", FORM])
def test_what_is_neither_json_nor_a_form_is_refused(media_type: str) -> None:
    found = functions(posting(body(content(OBJECT, media_type))))["undocumented_media_type"]

    assert 'headers={"Content-Type": "application/xml"}' in request_in(found)
    assert "expect.refused(response)" in found
    assert "Source: #/requestBody/content" in found


def test_where_a_refused_media_type_is_documented_the_right_body_is_sent_as_another() -> None:
    found = functions(posting(body(content(OBJECT)), "415"))["undocumented_media_type"]

    assert 'headers={"Content-Type": "text/plain"}, content=\'{"a": 1}\'' in request_in(found)
    assert "Source: #/paths/~1pets/post/responses/415" in found


@pytest.mark.parametrize(
    "asked",
    [
        body(content(OBJECT), required=False),
        body(content(OBJECT), content({}, "application/xml")),
        body(content(OBJECT, "*/*")),
    ],
)
def test_a_media_type_that_may_be_taken_is_not_sent(asked: Body) -> None:
    assert "undocumented_media_type" not in functions(posting(asked))


def test_plain_text_may_be_documented_beside_json() -> None:
    asked = body(content(OBJECT), content({}, "text/plain"))

    assert "undocumented_media_type" not in functions(posting(asked, "415"))


def test_an_operation_without_a_body_has_none_that_is_malformed() -> None:
    assert "malformed_body" not in functions(operation("POST", "/pets"))


def test_a_malformed_body_is_sent_to_what_is_there() -> None:
    own = operation(
        "PATCH", "/pets/{petId}", parameter("petId", "path"), body=body(content(OBJECT))
    )
    listing = pet_shop().operations[0]
    pet = {"type": "object", "properties": {"id": {"type": "string"}}}

    assert "existing(" in functions(own, listing, Pet=pet)["malformed_body"]
    assert 'needs="an existing petId"' in functions(own)["malformed_body"]


def test_what_would_be_deleted_is_created_first_or_made_up() -> None:
    own = operation(
        "DELETE", "/pets/{petId}", parameter("petId", "path"), body=body(content(OBJECT))
    )
    listing = pet_shop().operations[0]
    pet = {"type": "object", "properties": {"id": {"type": "string"}}}

    assert "existing(" not in functions(own, listing, Pet=pet)["malformed_body"]
