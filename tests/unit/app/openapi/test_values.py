import math

import pytest

from app.errors import DescriptionError
from app.openapi import limits, values
from app.openapi.model import Example
from app.openapi.problems import Problems
from app.openapi.references import References
from app.openapi.tree import Json, Node


def examples(node: Json, schema: Json = None, entry: Json = None) -> tuple[list[object], Problems]:
    problems = Problems()
    references = References(entry or {}, origin="", files={}, problems=problems)
    place = None if schema is None else Node("", schema)
    found = values.examples(Node("", node), place, references, problems)
    assert all(isinstance(example, Example) for example in found)
    return [example.value for example in found], problems


def nested(depth: int) -> Json:
    value: Json = "leaf"
    for _ in range(depth):
        value = [value]
    return value


def test_json_is_usable() -> None:
    assert values.is_usable({"a": [1, 2.5, None, "x", True]})
    assert values.is_usable(None)
    assert values.is_usable(nested(limits.MAX_VALUE_DEPTH))


@pytest.mark.parametrize("value", [math.nan, math.inf, {"a": [-math.inf]}])
def test_numbers_that_json_lacks_are_not_usable(value: Json) -> None:
    assert not values.is_usable(value)


def test_deep_values_are_not_usable() -> None:
    assert not values.is_usable(nested(limits.MAX_VALUE_DEPTH + 1))


def test_examples_are_gathered_own_ones_first_each_once() -> None:
    node: Json = {
        "example": 1,
        "examples": {"a": {"value": 2}, "b": {"value": 1}, "c": {"summary": "x"}},
    }
    found, problems = examples(node, {"example": 3, "examples": [4, 2]})
    assert found == [1, 2, 3, 4]
    assert not problems.listed()


def test_an_example_keeps_its_name() -> None:
    node: Json = {"example": 1, "examples": {" slow ": {"value": 2}}}
    found = values.examples(
        Node("", node), Node("", {"example": 3, "examples": [4]}), *_of_nothing()
    )
    assert [(each.value, each.name) for each in found] == [(1, ""), (2, "slow"), (3, ""), (4, "")]


def _of_nothing() -> tuple[References, Problems]:
    problems = Problems()
    return References({}, origin="", files={}, problems=problems), problems


def test_null_can_be_the_example() -> None:
    assert examples({"example": None})[0] == [None]


def test_references_to_examples_and_schemas_are_followed() -> None:
    entry: Json = {"e": {"value": 5}, "s": {"example": 6}}
    found, _ = examples({"examples": {"a": {"$ref": "#/e"}}}, {"$ref": "#/s"}, entry)
    assert found == [5, 6]


def test_a_reference_in_place_of_an_example_is_followed() -> None:
    entry: Json = {"e": {"value": 5}}
    assert examples({"example": {"$ref": "#/e"}}, {"example": {"$ref": "#/nope"}}, entry)[0] == [5]


def test_broken_references_lose_only_their_example() -> None:
    found, problems = examples(
        {"example": 1, "examples": {"a": {"$ref": "#/nope"}}}, {"$ref": "#/nope"}
    )
    assert found == [1]
    (problem,) = problems.listed()
    assert problem.pointer == "#/examples/a"


def test_an_unusable_example_is_a_problem() -> None:
    found, problems = examples({"example": math.nan})
    assert found == []
    assert "left out" in problems.listed()[0].message


def test_so_many_examples_are_enough() -> None:
    many: Json = {str(number): {"value": number} for number in range(100)}
    assert len(examples({"examples": many})[0]) == limits.MAX_EXAMPLES


def test_examples_that_are_no_object_are_passed_over() -> None:
    assert examples({"examples": "text"})[0] == []
    assert examples({}, "text")[0] == []


def test_a_large_example_counts_as_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PARTS", 50)
    with pytest.raises(DescriptionError, match="unfolds"):
        examples({"example": [1] * 100})


def test_an_example_of_3_2_has_its_value_under_a_key_of_its_own() -> None:
    node: Json = {"examples": {"a": {"dataValue": {"x": 1}, "serializedValue": "x=1"}}}
    assert examples(node)[0] == [{"x": 1}]
