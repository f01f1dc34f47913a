from __future__ import annotations

import ast
import math

import pytest

from app.ai import quoting
from testops.json_values import Json

HOSTILE = (
    '"""\nimport os\n"""',
    "'''\nimport os\n'''",
    "ends with a backslash \\",
    "\\N{DIGIT ZERO} \\x41 \\u0041 {0.__class__}",
    "line\rfeed\u2028sep\u0085next\x00nul\x1b[31m\u202ertl",
    "%s ${x} {{ x }} {% x %} #",
)


@pytest.mark.parametrize(
    "value",
    [None, True, 7, -1.5, "a'b\"c", ["x", {"y": [1, None]}], {"a": {"b": "c"}}, *HOSTILE],
)
def test_a_literal_means_its_value_and_nothing_else(value: Json) -> None:
    assert ast.literal_eval(quoting.literal(value)) == value


def test_tuples_stay_tuples_and_expressions_stand_as_they_are() -> None:
    source = quoting.literal({"f": ("a.txt", b"x"), "id": quoting.Expression("pet_id")})

    assert source == "{'f': ('a.txt', b'x', ), 'id': pet_id}"


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_cannot_end_or_change_a_docstring(text: str) -> None:
    harmless = quoting.prose(text)
    module = ast.parse(f'"""{harmless}\n"""')

    assert len(module.body) == 1
    assert ast.get_docstring(module, clean=False) == f"{harmless}\n"
    assert harmless.isprintable()


def test_prose_is_cut() -> None:
    assert quoting.prose("one two three", 8) == "one two…"
    assert quoting.prose(" one \n two ") == "one two"


def test_prose_is_free_of_html() -> None:
    assert (
        quoting.prose("<p>Lists <a href='x'>pets</a>.<br/>If 1 < 2</p>") == "Lists pets . If 1 < 2"
    )


def test_a_pointer_needs_no_escape() -> None:
    pointer = quoting.pointer('#/paths/~1a"\\\n/{id}/日')

    assert pointer == "#/paths/~1a%22%5C%0A/{id}/%E6%97%A5"


@pytest.mark.parametrize(
    "value", [math.inf, math.nan, "\ud800", {"\ud800": 1}, {1: 2}, {3}, [math.inf]]
)
def test_what_cannot_be_sent_is_not_quotable(value: Json) -> None:
    assert not quoting.is_quotable(value)


def test_what_is_too_long_or_too_deep_is_not_quotable() -> None:
    deep: Json = 1
    for _ in range(quoting.MAX_DEPTH + 1):
        deep = [deep]

    assert not quoting.is_quotable("x" * quoting.MAX_LENGTH)
    assert not quoting.is_quotable(deep)
    assert not quoting.is_quotable({"a": {"b": 1}}, depth=1)
    assert quoting.is_quotable({"日": [1.5, None, True, "😀"]})


@pytest.mark.parametrize("text", ["plain", "two words", "x"])
def test_visible_ascii_is_header_text(text: str) -> None:
    assert quoting.is_header_text(text)


@pytest.mark.parametrize("text", ["", " x", "x ", "a\r\nb", "a\tb", "ü"])
def test_anything_else_is_not(text: str) -> None:
    assert not quoting.is_header_text(text)


def test_tokens_and_cookies_have_their_own_rules() -> None:
    assert quoting.is_token("X-A")
    assert not quoting.is_token("X A")
    assert quoting.is_cookie_text("a=b/c")
    assert not quoting.is_cookie_text("a;b")
