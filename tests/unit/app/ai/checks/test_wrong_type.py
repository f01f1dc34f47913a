from __future__ import annotations

import pytest

from tests.factories.descriptions import body, content, operation
from tests.factories.written import functions, of_property, of_query, request_in


@pytest.mark.parametrize(
    ("kind", "sent", "named"),
    [
        ("string", '{"not": "a text"}', "a text"),
        ("integer", '"not-a-number"', "an integer"),
        ("number", '"not-a-number"', "a number"),
        ("boolean", '"not-a-boolean"', "a boolean"),
        ("array", '"not-a-list"', "a list"),
        ("object", '"not-an-object"', "an object"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, sent: str, named: str) -> None:
    found = of_property({"type": kind})["wrong_type"]

    assert request_in(found).endswith(f'json={{"size": {sent}}})')
    assert f"property size that is not {named} is refused" in found
    assert "expect.refused(response)" in found


def test_in_an_address_only_what_is_spelled_can_be_of_another_type() -> None:
    assert '"size": "not-a-number"' in request_in(of_query({"type": "integer"})["wrong_type"])
    assert "wrong_type" not in of_query({"type": "string"})
    assert "wrong_type" not in of_query({"type": "array", "items": {"type": "string"}})


def test_what_may_be_a_text_is_not_of_another_type() -> None:
    assert "wrong_type" not in of_query({"type": ["integer", "string"]})
    assert "wrong_type" not in of_property({})


def test_null_is_refused_where_it_is_not_documented() -> None:
    assert request_in(of_property({"type": "integer"})["null"]).endswith('json={"size": None})')
    assert "null" not in of_property({"type": ["integer", "null"]})
    assert "null" not in of_property({"anyOf": [{"type": "integer"}, {"type": "null"}]})
    assert "null" not in of_query({"type": "integer"})


def test_null_in_a_patch_removes() -> None:
    own = operation(
        "PATCH",
        "/pets",
        body=body(content({"required": ["a"], "properties": {"a": {"type": "integer"}}})),
    )

    assert "body_a_wrong_type" in functions(own)
    assert "body_a_null" not in functions(own)


def test_what_may_be_null_is_otherwise_of_its_type() -> None:
    found = of_property({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]})

    assert {"wrong_type", "below_minimum"} <= found.keys()


def test_a_fraction_is_no_integer() -> None:
    assert '"size": 1.5' in request_in(of_property({"type": "integer"})["fraction"])
    assert "fraction" not in of_property({"type": "number"})
