"""Turns text of an API description into Python source; the only place where that happens.

An API description is hostile until proven otherwise: nothing of it may end a literal, a docstring
or a comment and so become code, and nothing may make the source unreadable (control characters,
text that runs backwards) or unwritable (lone surrogates).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from testops.json_values import Json

#: Deeper literals come near the nesting limit of Python's own parser.
MAX_DEPTH = 40
#: A longer literal is no test input that anybody reads.
MAX_LENGTH = 20_000

#: From so many equal characters or items on, a product says it better.
_MIN_CHARACTERS = 20
_MIN_ITEMS = 4

_HEADER_TEXT = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_COOKIE_TEXT = re.compile(r"[!#-+\--:<-\[\]-~]*")


class Expression(str):
    """Python source of our own making, not to be quoted."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """Stands in a value for what a variable of the check holds."""

    variable: str


def literal(value: Json) -> str:
    """Python source of a JSON value; an Expression in it stands as it is."""
    if isinstance(value, Expression):
        return str(value)
    if isinstance(value, Variable):
        return value.variable
    if isinstance(value, Mapping):
        pairs = (f"{literal(key)}: {literal(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return _list([literal(item) for item in value])
    if isinstance(value, tuple):
        return f"({''.join(f'{literal(item)}, ' for item in value)})"
    is_repeated = isinstance(value, str) and _is_repeated(value, _MIN_CHARACTERS)
    return f"{value[0]!r} * {len(value)}" if is_repeated else repr(value)


def is_quotable(value: Json, depth: int = MAX_DEPTH) -> bool:
    """Whether a JSON value can stand in a script and be sent: finite, shallow and short enough."""
    return _is_sound(value, depth) and len(literal(value)) <= MAX_LENGTH


def prose(text: str, limit: int = 100) -> str:
    """Text for a docstring: one line, no quote or backslash that could end or change it.

    HTML, which descriptions may hold, is left out but for its words.
    """
    plain = _TAG.sub(" ", text)
    words = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    harmless = words.replace("\\", "/").replace('"', "'")
    return harmless if len(harmless) <= limit else f"{harmless[: limit - 1].rstrip()}…"


def pointer(fragment: str) -> str:
    """A JSON pointer for a docstring: as a URI fragment, so nothing in it needs an escape."""
    return quote(fragment, safe="#/~%{}-._!$&()*+,;=:@?")


def is_header_text(text: str) -> bool:
    """Whether a text can be a header's value: visible ASCII and inner spaces (RFC 9110, 5.5)."""
    return _HEADER_TEXT.fullmatch(text) is not None


def is_token(text: str) -> bool:
    """Whether a text can name a header or cookie (RFC 9110, section 5.6.2)."""
    return _TOKEN.fullmatch(text) is not None


def is_cookie_text(text: str) -> bool:
    """Whether a text can be a cookie's value (RFC 6265, section 4.1.1)."""
    return _COOKIE_TEXT.fullmatch(text) is not None


def _list(items: list[str]) -> str:
    if _is_repeated(items, _MIN_ITEMS):
        return f"[{items[0]}] * {len(items)}"
    return f"[{', '.join(items)}]"


def _is_repeated(value: str | list[str], fewest: int) -> bool:
    """Whether it is one thing again and again, and so often that nobody would count it."""
    return len(value) >= fewest and value.count(value[0]) == len(value)


def _is_sound(value: Json, depth: int) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return len(value) < MAX_LENGTH and (value.isascii() or _is_encodable(value))
    if isinstance(value, Mapping):
        return depth > 0 and all(
            isinstance(key, str) and _is_sound(key, 1) and _is_sound(item, depth - 1)
            for key, item in value.items()
        )
    if isinstance(value, list):
        return depth > 0 and all(_is_sound(item, depth - 1) for item in value)
    return value is None or isinstance(value, int)


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)
