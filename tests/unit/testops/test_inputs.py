from __future__ import annotations

import pytest

from testops import Api, created, existing, replaced, without
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
