from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from testops import Api, Response, created, existing, fresh, linked, replaced, without
from tests.fakes.target import Answer, Target


def test_an_existing_id_is_taken_from_a_list(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = Answer(200, b'{"items": [{"id": 7}, {"id": 8}]}')

    assert existing(api, "/pets", "/items/0/id") == 7


def test_an_id_is_taken_from_what_was_created(api: Api, target: Target) -> None:
    target.answers["POST /pets"] = Answer(201, b'{"id": "a7"}')

    assert created(api, "/pets", "/id", json={"name": "Rex"}) == "a7"
    assert target.asked[0].body == b'{"name": "Rex"}'


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(401), "Needs an existing resource: GET .* answered 401 Unauthorized"),
        (Answer(200, b"[]"), "Needs an existing resource: GET .* without /0/id"),
        (Answer(200, b"<p>"), "Needs an existing resource: GET .* without /0/id"),
    ],
)
def test_a_list_without_an_id_decides_nothing(
    api: Api, target: Target, answer: Answer, reason: str
) -> None:
    target.answers["GET /pets"] = answer

    with pytest.raises(pytest.skip.Exception, match=reason):
        existing(api, "/pets", "/0/id")


def test_a_value_is_left_out_of_a_copy() -> None:
    values = {"a": 1, "b": 2}

    assert without(values, "a") == {"b": 2}
    assert values == {"a": 1, "b": 2}


def test_a_value_is_replaced_in_a_copy() -> None:
    values = {"lines": [{"count": 1}]}

    assert replaced(values, "/lines/0/count", 0) == {"lines": [{"count": 0}]}
    assert values == {"lines": [{"count": 1}]}


def test_an_id_is_taken_from_the_address_in_a_header(api: Api, target: Target) -> None:
    target.answers["POST /pets"] = Answer(201, headers={"Location": "http://x.example/pets/a%207/"})

    assert created(api, "/pets", "Location") == "a 7"
    with pytest.raises(pytest.skip.Exception, match="without X-Id"):
        created(api, "/pets", "X-Id")


def test_a_list_may_ask_for_more(api: Api, target: Target) -> None:
    target.answers["GET /pets/7/toys"] = Answer(200, b"[3]")

    assert existing(api, "/pets/{id}/toys", "/0", path={"id": 7}) == 3


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Rex", r"Rex-[0-9a-f]{8}"),
        ("alex@example.com", r"alex-[0-9a-f]{8}@example\.com"),
        ("6f1b4c1e-8f0a-4a52-9a0c-2d3e4f5a6b71", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ],
)
def test_a_text_is_made_new(text: str, pattern: str) -> None:
    values = {"name": text, "age": 3}
    made = [fresh(values, "name") for _ in range(2)]

    assert made[0]["name"] != made[1]["name"]
    assert re.fullmatch(pattern, made[0]["name"])
    assert made[0]["age"] == 3
    assert values["name"] == text


def test_what_leads_on_is_taken_from_an_answer(answered: Callable[..., Response]) -> None:
    response = answered(201, b'{"id": 7}', X_Id="8", Location="/pets/9")

    assert linked(response, "/id") == 7
    assert linked(response, "X-Id") == "8"
    assert linked(response, "Location") == "9"
    with pytest.raises(pytest.skip.Exception, match="without /name"):
        linked(response, "/name")
