from __future__ import annotations

from dataclasses import replace

import pytest

from app.openapi.model import Parameter, Schema
from tests.factories.descriptions import parameter
from tests.factories.resources import NUMBER, TEXT, creating, listing, reading, sent, shown
from tests.factories.written import functions

KIND: Schema = {"type": "string", "enum": ["cat", "dog", "all"]}
BOOLEAN: Schema = {"type": "boolean"}
ITEM = shown(
    {
        "kind": TEXT,
        "tame": BOOLEAN,
        "sold": TEXT,
        "tags": {"type": "array", "items": {"enum": ["cat", "old"]}},
    }
)


def query(name: str, schema: Schema, words: str = "") -> Parameter:
    return replace(parameter(name, schema=schema, required=False), description=words)


def filtered(*parameters: Parameter) -> dict[str, str]:
    """The values that each filter is asked with."""
    found = functions(listing(ITEM, *parameters))
    return {
        name.removeprefix("filtered_by_"): source.partition("for value in ")[2].partition(":")[0]
        for name, source in found.items()
        if name.startswith("filtered_by_")
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (query("kind", KIND), {"kind": '["cat", "dog"]'}),
        (query("Kind", KIND, "Only pets of this kind."), {"kind": '["cat", "dog"]'}),
        (query("tame", BOOLEAN), {"tame": "[True, False]"}),
        (query("tags", KIND), {"tags": '["cat"]'}),
        (query("tame", BOOLEAN, "Whether to include tame ones."), {}),
        (query("kind", KIND, "This kind or higher"), {}),
        (query("sold", BOOLEAN), {}),
        (query("kind", TEXT), {}),
        (query("age", KIND), {}),
        (replace(query("kind", KIND), location="header"), {}),
    ],
)
def test_a_filter_lets_those_through_that_have_its_value(
    asked: Parameter, expected: dict[str, str]
) -> None:
    assert filtered(asked) == expected


def test_a_list_is_filled_with_three_that_a_text_tells_apart() -> None:
    asked = sent({"name": {"type": "string", "maxLength": 4}, "word": TEXT, "n": NUMBER}, "word")
    others = (creating(asked), reading())

    found = functions(listing(ITEM, query("kind", KIND)), *others)

    assert 'values = ["maple", "yarrow", "basil"]' in found["three_pets"]
    assert '"word": value}' in found["three_pets"]
    assert "(api: Api, three_pets: Json)" in found["filtered_by_kind"]


@pytest.mark.parametrize(
    "asked", [sent({"n": NUMBER}, "n"), sent({"name": {"type": "string", "maxLength": 4}}, "name")]
)
def test_what_no_text_tells_apart_is_not_created(asked: object) -> None:
    others = (replace(creating(), body=asked), reading())  # type: ignore[arg-type]

    assert "three_pets" not in functions(listing(ITEM, query("kind", KIND)), *others)


def test_where_none_can_be_created_what_is_there_has_to_do() -> None:
    lacking = replace(creating(), parameters=(parameter("q", schema=False),))

    for others in ((creating(),), (lacking, reading())):
        assert "three_pets" not in functions(listing(ITEM, query("kind", KIND)), *others)


def test_a_long_body_is_told_once() -> None:
    texts = {f"note{number}": TEXT for number in range(5)}
    others = (creating(sent({"name": TEXT, **texts}, "name", *texts)), reading())

    assert "{**NEW_PETS, " in functions(listing(ITEM, query("kind", KIND)), *others)["three_pets"]
