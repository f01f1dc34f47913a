from __future__ import annotations

import pytest

from app.openapi.model import Schema
from tests.factories.descriptions import operation, parameter
from tests.factories.written import functions, of_property, of_query, request_in


def test_a_number_is_refused_beyond_each_bound_and_accepted_at_it() -> None:
    found = of_query({"type": "integer", "minimum": 1, "maximum": 100})

    assert request_in(found["below_minimum"]) == 'api.get("/pets", query={"size": 0})'
    assert request_in(found["above_maximum"]) == 'api.get("/pets", query={"size": 101})'
    assert request_in(found["at_minimum"]) == 'api.get("/pets", query={"size": 1})'
    assert request_in(found["at_maximum"]) == 'api.get("/pets", query={"size": 100})'
    assert "expect.refused(response)\n    expect.documented(response)" in found["below_minimum"]
    assert "expect.documented(response)\n    expect.success(response, 200)" in found["at_maximum"]
    assert "parameter size above its maximum of 100 is refused." in found["above_maximum"]
    assert "Source: #/parameters/size/schema/maximum" in found["above_maximum"]


def test_the_end_of_a_wide_range_may_be_refused_for_other_reasons() -> None:
    """There may be less in stock than the largest number that can be ordered."""
    found = of_property({"type": "integer", "minimum": 1, "maximum": 100_000})

    assert "expect.success" not in found["at_maximum"]
    assert "expect.documented(response)" in found["at_maximum"]


@pytest.mark.parametrize("name", ["page", "owner_id"])
def test_what_a_number_points_at_need_not_be_there(name: str) -> None:
    found = of_query({"type": "integer", "minimum": 1, "maximum": 9}, name)

    assert "expect.success" not in found["at_maximum"]


def test_an_exclusive_bound_is_itself_refused() -> None:
    found = of_query({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 2.5})

    assert request_in(found["at_exclusive_minimum"]).endswith('query={"size": 0})')
    assert request_in(found["at_exclusive_maximum"]).endswith('query={"size": 2.5})')


@pytest.mark.parametrize(
    ("schema", "beyond"),
    [
        ({"type": "integer", "minimum": 10, "multipleOf": 5}, 5),
        ({"type": "integer", "minimum": 10.0}, 9),
        ({"type": "number", "minimum": 0.5}, -0.5),
    ],
)
def test_a_number_beyond_a_bound_breaks_nothing_else(schema: Schema, beyond: float) -> None:
    assert f'{{"size": {beyond}}}' in request_in(of_property(schema)["below_minimum"])


@pytest.mark.parametrize(
    ("schema", "off"),
    [
        ({"type": "integer", "multipleOf": 5}, 6),
        ({"type": "number", "multipleOf": 0.5, "minimum": 1}, 1.75),
    ],
)
def test_a_number_between_two_steps_is_refused(schema: Schema, off: float) -> None:
    assert f'{{"size": {off}}}' in request_in(of_property(schema)["off_step"])


@pytest.mark.parametrize(
    "schema",
    [
        {"minimum": 1},
        {"type": ["integer", "string"], "minimum": 1},
        {"type": "number", "maximum": 1e308},
        {"type": "integer", "multipleOf": 1},
    ],
)
def test_where_nothing_is_beyond_nothing_is_sent(schema: Schema) -> None:
    assert not {"below_minimum", "above_maximum", "off_step"} & of_property(schema).keys()


def test_a_text_is_refused_beyond_each_length_and_accepted_at_it() -> None:
    found = of_property({"type": "string", "minLength": 3, "maxLength": 80})

    assert request_in(found["too_short"]) == 'api.post("/pets", json={"size": "xx"})'
    assert request_in(found["too_long"]) == 'api.post("/pets", json={"size": "x" * 81})'
    assert request_in(found["longest_text"]) == 'api.post("/pets", json={"size": "x" * 80})'
    assert request_in(found["shortest_text"]) == 'api.post("/pets", json={"size": "xxx"})'
    assert "size longer than 80 characters is refused" in found["too_long"]
    assert (
        "Source: #/content/application/json/schema/properties/size/maxLength" in (found["too_long"])
    )


def test_what_is_accepted_depends_on_the_rest_being_accepted() -> None:
    """The rest was made up, so that it is sent alone first: only the difference is decided."""
    own = of_property({"type": "string", "maxLength": 80}, "title")["longest_text"]

    before, _, after = own.partition("response = ")
    assert 'expect.success(\n        api.post("/pets", json=' in before
    assert 'needs="values the API takes for title"' in before
    assert after.rstrip().endswith("expect.success(response, 200)")


def test_a_text_of_the_wrong_length_keeps_its_pattern() -> None:
    found = of_property({"type": "string", "pattern": "^[A-Z]*$", "maxLength": 4, "minLength": 4})

    assert request_in(found["too_long"]).split('"')[-2].isupper()
    assert request_in(found["too_short"]).split('"')[-2].isupper()
    assert "longest_text" not in found


def test_a_text_of_one_length_only_has_no_other_length() -> None:
    """A refusal would say nothing about the length."""
    assert "too_long" not in of_property({"type": "string", "pattern": "^a{4}$", "maxLength": 4})


@pytest.mark.parametrize("name", ["email", "owner_id", "password", "username", "code"])
def test_a_text_with_a_meaning_need_not_be_taken(name: str) -> None:
    found = of_property({"type": "string", "maxLength": 80}, name)

    assert "expect.success" not in found["longest_text"]
    assert "expect.refused" in found["too_long"]


@pytest.mark.parametrize("name", ["title", "firstName", "display_name", "q", "cover-text"])
def test_a_text_that_holds_whatever_is_written_is_taken(name: str) -> None:
    schema: Schema = {"type": "string", "maxLength": 80}
    own = operation("GET", "/pets", parameter(name, schema=schema, required=False))

    [longest] = [each for key, each in functions(own).items() if key.endswith("longest_text")]

    assert "expect.success" in longest


def test_an_empty_text_is_refused_in_a_body_and_not_sent_in_an_address() -> None:
    """In an address a server may take it for one that is not there."""
    schema: Schema = {"type": "string", "minLength": 1}

    assert request_in(of_property(schema)["too_short"]).endswith('json={"size": ""})')
    assert "that is empty is refused" in of_property(schema)["too_short"]
    assert "too_short" not in of_query(schema)


def test_no_text_is_too_long_to_be_sent() -> None:
    assert "too_long" not in of_query({"type": "string", "maxLength": 5_000})
    assert "too_long" in of_property({"type": "string", "maxLength": 5_000})
    assert "too_long" not in of_property({"type": "string", "maxLength": 5_000_000})


def test_a_list_is_refused_beyond_each_number_of_items() -> None:
    found = of_property(
        {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 8}
    )

    assert request_in(found["too_few_items"]).endswith('json={"size": [1]})')
    assert request_in(found["too_many_items"]).endswith('json={"size": [1] * 9})')
    assert request_in(found["most_items"]).endswith('json={"size": [1] * 8})')
    assert "fewer than 2 items is refused" in found["too_few_items"]


def test_a_list_without_an_item_is_refused_in_a_body_only() -> None:
    schema: Schema = {"type": "array", "items": {"type": "integer"}, "minItems": 1}

    assert "without an item is refused" in of_property(schema)["too_few_items"]
    assert "too_few_items" not in of_query(schema)


def test_a_very_long_list_need_not_be_taken() -> None:
    found = of_property({"type": "array", "items": {"type": "integer"}, "maxItems": 500})

    assert "[1] * 501" in request_in(found["too_many_items"])
    assert "most_items" not in found


def test_the_same_object_need_not_be_taken_twice() -> None:
    item: Schema = {"required": ["a"], "properties": {"a": {"type": "integer"}}}
    found = of_property({"type": "array", "items": item, "maxItems": 4, "minItems": 1})

    assert "expect.success" not in found["most_items"]


def test_an_item_that_is_there_twice_is_refused() -> None:
    found = of_property(
        {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "maxItems": 8}
    )

    assert request_in(found["repeated_item"]).endswith('json={"size": [1, 1]})')
    assert "most_items" not in found


def test_an_object_that_needs_a_property_is_refused_without_any() -> None:
    found = of_property(
        {"type": "object", "properties": {"a": {"type": "integer"}}, "minProperties": 1}
    )

    assert request_in(found["empty"]).endswith('json={"size": {}})')
