from __future__ import annotations

from tests.factories.written import of_property, of_query, request_in


def test_an_unlisted_value_is_refused() -> None:
    found = of_query({"type": "string", "enum": ["cat", "dog"]})

    assert request_in(found["unknown"]).endswith('query={"size": "no-such-choice"})')
    assert "expect.refused(response)" in found["unknown"]
    assert "Source: #/parameters/size/schema/enum" in found["unknown"]


def test_an_unlisted_number_is_a_number() -> None:
    found = of_property({"enum": [1, 2, 5]})

    assert request_in(found["unknown"]).endswith('json={"size": 6})')


def test_every_listed_value_is_accepted_in_a_query() -> None:
    found = of_query({"type": "string", "enum": ["cat", "dog", "emu"]})

    assert request_in(found["is_dog"]).endswith('query={"size": "dog"})')
    assert "expect.success(response, 200)" in found["is_dog"]
    assert {"unknown", "is_dog", "is_emu"} == found.keys()


def test_whether_a_listed_value_is_accepted_in_a_body_may_depend_on_more() -> None:
    found = of_property({"type": ["string", "null"], "enum": ["cat", "dog", None, ""]})

    assert "expect.success" not in found["is_dog"]
    assert {"unknown", "is_dog"} == found.keys()


def test_of_many_listed_values_a_few_are_sent() -> None:
    found = of_query({"type": "string", "enum": [f"kind{number}" for number in range(20)]})

    assert len(found) == 5
