import math

import pytest

from app.domain.results import Message
from app.errors import InvalidInputError
from app.services import text


def test_what_postgresql_refuses_is_replaced() -> None:
    assert text.storable("a\x00b\ud800c") == "a\u2400b\\ud800c"


def test_long_text_is_cut_visibly() -> None:
    assert text.storable("abcdef", 4) == "abc…"
    assert text.storable("abcd", 4) == "abcd"


def test_long_names_that_differ_at_the_end_stay_different() -> None:
    one, other = text.storable_name("x" * 400 + "1", 300), text.storable_name("x" * 400 + "2", 300)
    assert one != other
    assert len(one) == len(other) == 300
    assert text.storable_name("short", 300) == "short"


def test_every_text_in_a_json_value_becomes_storable() -> None:
    value = {"a\x00": ["\x00", ("\ud800", 1)], "b": None, "c": 1.5}
    assert text.storable_json(value) == {"a\u2400": ["\u2400", ["\\ud800", 1]], "b": None, "c": 1.5}


def test_a_dataclass_in_a_json_value_is_an_object() -> None:
    held = Message((("a", "\U0001f600"),), "\x00")
    assert text.storable_json([held]) == [
        {"headers": [["a", "\U0001f600"]], "body": "\u2400", "truncated": False}
    ]


@pytest.mark.parametrize("beside", ["", "\x00"])
def test_what_is_no_number_becomes_null(beside: str) -> None:
    value = {"a": [math.nan, -math.inf, 1.5], "b": beside}
    assert text.storable_json(value)["a"] == [None, None, 1.5]


def test_what_only_looks_like_a_nul_stays() -> None:
    assert text.storable_json({"a": r"\u0000"}) == {"a": r"\u0000"}


def test_a_required_text_is_trimmed() -> None:
    assert text.required("  Pets ", "name", 10) == "Pets"


@pytest.mark.parametrize(
    ("given", "reason"), [("  ", "empty"), ("x" * 11, "at most 10"), ("a\x00b", "not text")]
)
def test_a_required_text_that_breaks_a_rule_names_its_field(given: str, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason) as caught:
        text.required(given, "name", 10)
    assert caught.value.where == "name"
