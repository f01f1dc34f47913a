from __future__ import annotations

import pytest

from app.ai import scalars
from app.ai.errors import NoValueError
from testops.json_values import Json
from testops.schemas import Schemas
from tests.factories.chances import chance

BOUNDS: list[dict[str, Json]] = [
    {},
    {"minimum": 0},
    {"minimum": 10, "maximum": 12},
    {"maximum": -5},
    {"maximum": 0},
    {"exclusiveMinimum": 7},
    {"exclusiveMaximum": 3, "minimum": 0},
    {"multipleOf": 5},
    {"multipleOf": 7, "minimum": 50},
    {"minimum": -10, "maximum": -3},
    {"minimum": 1, "exclusiveMinimum": 5},
]


@pytest.mark.parametrize("bounds", BOUNDS)
def test_integers_keep_within_bounds(bounds: dict[str, Json]) -> None:
    schemas = Schemas({"n": {"type": "integer", **bounds}})

    assert schemas.complaints("/n", scalars.integer(bounds, 0)) == []


@pytest.mark.parametrize(
    "bounds", [*BOUNDS, {"exclusiveMinimum": 0, "maximum": 1}, {"multipleOf": 0.01}]
)
def test_numbers_keep_within_bounds(bounds: dict[str, Json]) -> None:
    schemas = Schemas({"n": {"type": "number", **bounds}})

    assert schemas.complaints("/n", scalars.number(bounds, 0)) == []


def test_each_turn_gives_another_number() -> None:
    assert [scalars.integer({"multipleOf": 5}, turn) for turn in range(3)] == [5, 10, 15]
    assert [scalars.number({}, turn) for turn in range(3)] == [1.5, 2.5, 3.5]


def test_a_step_that_no_number_counts_is_left_aside() -> None:
    assert scalars.number({"multipleOf": 1e-300, "minimum": 1e300}, 0) == 1e300


def _text(schema: dict[str, Json], name: str = "title") -> str:
    return scalars.text(schema, name, chance())


def test_a_text_follows_format_then_name_then_length() -> None:
    assert _text({"format": "date"}) == "2024-03-15"
    assert _text({}, "email") == "alex@example.com"
    assert _text({"format": "unheard-of"}, "email") == "alex@example.com"
    assert len(_text({"maxLength": 2}, "email")) <= 2
    assert len(_text({"format": "date", "minLength": 40})) >= 40


def test_a_text_follows_its_pattern_and_length() -> None:
    assert len(_text({"pattern": "^[a-z]+$", "minLength": 3, "maxLength": 5})) in {3, 4, 5}
    assert len(_text({"pattern": "^[a-z]+$", "minLength": 2})) >= 2


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"minLength": 10**9}, "asks for a text of 1000000000 characters"),
        ({"pattern": "["}, "no text was found that matches its pattern"),
        ({"pattern": "^a$", "minLength": 9}, "no text was found that matches its pattern"),
    ],
)
def test_what_is_out_of_reach_has_no_text(schema: dict[str, Json], reason: str) -> None:
    with pytest.raises(NoValueError, match=reason):
        _text(schema)
