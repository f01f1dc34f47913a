from __future__ import annotations

from collections.abc import Mapping

import pytest

from app.ai import inputs
from app.ai.errors import NoValueError
from app.ai.material import Material, OperationMaterial
from app.ai.places import described, gathering
from app.ai.places.place import Place
from app.openapi.model import Body, Operation, Parameter, Schema
from testops.json_values import Json
from tests.factories.descriptions import body, content, describe, operation, parameter


def found(own: Operation, **schemas: Schema) -> dict[str, Place]:
    """The places of an operation by their words."""
    material = OperationMaterial(Material(describe(own, schemas=schemas), 0), own)
    every = gathering.places(material, inputs.gathered(material))
    return {place.words: place for place in every}


def of_body(asked: Body | Schema, **schemas: Schema) -> dict[str, Place]:
    """The places of a body."""
    given = asked if isinstance(asked, Body) else body(content(asked))
    return found(operation("POST", "/pets", body=given), **schemas)


def of_parameter(own: Parameter) -> Place:
    """The place of a parameter."""
    path = f"/pets/{{{own.name}}}" if own.location == "path" else "/pets"
    return next(iter(found(operation("GET", path, own)).values()))


def test_an_optional_parameter_is_a_place() -> None:
    place = of_parameter(parameter("size", schema={"type": "integer"}, required=False))

    assert place.sent(7).query == {"size": 7}
    assert place.value == 1
    assert place.spoken == "query parameter size"
    assert place.forbids("x")
    assert not place.forbids("7")


def test_the_value_of_a_parameter_is_that_of_the_example() -> None:
    assert of_parameter(parameter("size", schema={"type": "integer"}, examples=(9,))).value == 9


def test_a_parameter_takes_the_place_of_its_own_value_only() -> None:
    own = operation("GET", "/pets", parameter("a", examples=(1,)), parameter("b", examples=(2,)))

    assert found(own)["query b"].sent(3).query == {"a": 1, "b": 3}


def test_a_header_and_a_cookie_carry_texts() -> None:
    header = of_parameter(parameter("X-Size", "header", {"type": "integer"}))
    cookie = of_parameter(parameter("size", "cookie", {"type": "integer"}))

    assert header.sent(7).headers == {"X-Size": "7"}
    assert cookie.sent(7).cookies == {"size": 7}
    with pytest.raises(NoValueError):
        header.sent("東京")
    with pytest.raises(NoValueError):
        cookie.sent("a;b")


def test_a_path_takes_what_is_not_empty() -> None:
    place = of_parameter(parameter("size", "path", {"type": "integer"}))

    assert place.sent("x").path == {"size": "x"}
    with pytest.raises(NoValueError):
        place.sent("")
    with pytest.raises(NoValueError):
        place.sent("x" * 5_000)


def test_a_list_in_a_query_is_a_place_and_so_is_its_item() -> None:
    schema: Schema = {"type": "array", "items": {"type": "integer", "minimum": 1}}
    every = found(operation("GET", "/pets", parameter("ids", schema=schema)))

    assert every["query ids"].sent([1, 2]).query == {"ids": [1, 2]}
    assert every["query ids item"].sent(0).query == {"ids": [0]}
    assert every["query ids"].forbids(["x"])
    assert not every["query ids"].forbids(["2"])
    assert every["query ids item"].forbids(0)
    assert every["query ids item"].forbids("x")
    assert not every["query ids item"].forbids("2")
    assert every["query ids item"].pointer == "#/parameters/ids/schema/items"


@pytest.mark.parametrize(
    "own",
    [
        parameter("filter", schema={"type": "object"}),
        parameter("filter", schema={"properties": {"a": {}}}),
        parameter("filter", schema={"type": "integer"}, media_type="application/json"),
        parameter("filter", "path", {"type": "integer"}, style="matrix"),
        parameter("Accept-Language", "header", {"enum": ["de", "en"]}),
        parameter("If-Modified-Since", "header", {"type": "string"}),
    ],
)
def test_what_has_no_plain_text_form_or_may_be_ignored_is_no_place(own: Parameter) -> None:
    path = "/pets/{filter}" if own.location == "path" else "/pets"

    assert found(operation("GET", path, own)) == {}


ORDER: Mapping[str, Json] = {
    "type": "object",
    "required": ["lines", "ship"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "lines": {"type": "array", "items": {"$ref": "#/schemas/Line"}, "minItems": 1},
        "ship": {"required": ["zip"], "properties": {"zip": {"type": "string"}}},
        "bill": {"required": ["zip"], "properties": {"zip": {"const": "1"}, "to": {"const": "2"}}},
    },
}
LINE: Schema = {"required": ["count"], "properties": {"count": {"type": "integer", "minimum": 1}}}


def test_properties_are_places_further_in() -> None:
    every = of_body(ORDER, Line=LINE)

    assert list(every) == [
        "body",
        "body lines",
        "body ship",
        "body bill",
        "body lines 0",
        "body ship zip",
        "body bill zip",
        "body bill to",
        "body lines 0 count",
    ]
    count = every["body lines 0 count"]
    assert count.sent(0).changes == {"/lines/0/count": 0}
    assert count.spoken == "property lines/0/count"
    assert every["body lines 0"].spoken == "item lines/0"
    assert (
        count.pointer == "#/content/application/json/schema/properties/lines/items/properties/count"
    )
    assert (count.value, count.required, count.forbids(0)) == (1, True, True)
    assert not count.forbids(2)


def test_what_stands_in_an_object_that_is_not_sent_comes_with_all_of_it() -> None:
    every = of_body(ORDER, Line=LINE)

    assert every["body bill zip"].sent("0").changes == {"/bill": {"zip": "0"}}
    assert not every["body bill to"].required


def test_what_an_object_has_more_is_all_that_differs() -> None:
    every = of_body(ORDER, Line=LINE)
    ship = every["body ship"]

    assert ship.sent({**ship.value, "more": 1}).changes == {"/ship/more": 1}
    assert ship.sent({"zip": "changed"}).changes == {"/ship": {"zip": "changed"}}
    assert every["body"].sent({**every["body"].value, "more": 1}).changes == {"/more": 1}
    replaced = every["body"].sent([]).body
    assert replaced is not None
    assert replaced.value == []


def test_a_value_that_cannot_be_made_is_none() -> None:
    every = of_body({"properties": {"a": {"const": 1}, "b": False}})

    assert every["body b"].value is None


def test_a_tuple_has_no_item_of_one_kind() -> None:
    every = of_body({"type": "array", "prefixItems": [{"type": "integer"}], "minItems": 1})

    assert list(every) == ["body"]


def test_a_tree_is_looked_into_so_far() -> None:
    tree: Schema = {"properties": {"name": {}, "inner": {"$ref": "#/schemas/Tree"}}}

    every = of_body({"$ref": "#/schemas/Tree"}, Tree=tree)

    assert max(place.words.count("inner") for place in every.values()) <= 3


def test_alternatives_that_hold_themselves_come_to_an_end() -> None:
    own: Schema = {"type": "object", "anyOf": [{"$ref": "#/schemas/A"}, {"type": "null"}]}

    assert described.whole({"$ref": "#/schemas/A"}, {"A": own})["type"] == ["object"]


def test_of_very_many_places_the_outer_ones_are_kept() -> None:
    wide: Schema = {"properties": {f"p{number}": {} for number in range(100)}}

    assert len(of_body(wide)) == 60


def test_alternatives_are_read_as_what_they_have_in_common() -> None:
    every = of_body(
        {
            "properties": {
                "a": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "b": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
            }
        }
    )

    assert every["body a"].kinds == {"integer"}
    assert every["body b"].kinds == frozenset()


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(("media_type", "sent"), [(FORM, "0"), ("multipart/form-data", None)])
def test_a_field_of_a_form_is_a_text(media_type: str, sent: str | None) -> None:
    schema: Schema = {
        "type": "object",
        "required": ["count"],
        "properties": {
            "count": {"type": "integer", "minimum": 1},
            "note": {"type": "string"},
            "tags": {"type": "array"},
            "id": {"type": "integer", "readOnly": True},
            "scan": {"type": "string", "format": "binary"},
        },
    }
    every = of_body(body(content(schema, media_type)))

    assert list(every) == ["body count", "body note"]
    count = every["body count"]
    part = {"/count": sent} if sent else {"/count": (None, "0")}
    assert count.sent(0).changes == part
    assert (count.required, count.value, count.is_text) == (True, 1, True)
    assert count.forbids(0)
    assert count.forbids("x")
    assert not count.forbids("1")
    assert count.spoken == "field count"


def test_a_form_that_cannot_be_varied_has_no_places() -> None:
    """A file, and a text without fields."""
    assert of_body(body(content({"type": "string"}, "text/plain"))) == {}
    assert found(operation("GET", "/pets")) == {}


def test_a_keyword_decides_alone_or_not_at_all() -> None:
    place = of_parameter(
        parameter("size", schema={"type": "string", "maxLength": 3, "pattern": "^a*$"})
    )

    assert place.forbids_by("maxLength", "aaaa")
    assert not place.forbids_by("maxLength", "bbbb")
    assert not place.forbids_by("maxLength", "aaa")
