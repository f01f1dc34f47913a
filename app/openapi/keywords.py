"""Checks the values of single schema keywords; what breaks JSON Schema 2020-12 is refused."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Mapping

import jsonschema_rs

from app.openapi import values
from app.openapi.tree import Json, prose

_TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
#: What people write for the name of a type, lower case.
_MEANT = {
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "str": "string",
    "text": "string",
    "list": "array",
    "dict": "object",
    **{name: name for name in _TYPES},
}
#: "/^[a-z]+$/i": a literal of JavaScript, which as a regular expression matches nothing.
_JAVASCRIPT_LITERAL = re.compile(r"/\^.*\$/[a-z]*", re.DOTALL)


class InvalidKeywordError(Exception):
    """A keyword's value breaks JSON Schema; the message says what was expected."""


@functools.lru_cache(maxsize=4096)
def is_pattern(pattern: str) -> bool:
    """Whether the validator that will hold responses against the schema can use the pattern.

    Patterns are ECMA-262 by the standard; this one also refuses what would take unbounded memory.
    """
    if _JAVASCRIPT_LITERAL.fullmatch(pattern):
        return False
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True


def meant_type(value: Json) -> str:
    """The type that a wrong name for one means ("int", "String"); empty when it means none."""
    return _MEANT.get(value.lower(), "") if isinstance(value, str) else ""


def _type(value: Json) -> Json:
    if isinstance(value, str) and value in _TYPES:
        return value
    if isinstance(value, list) and value and all(isinstance(name, str) for name in value):
        names = list(dict.fromkeys(str(name) for name in value))
        if _TYPES.issuperset(names):
            return [*names]
    raise InvalidKeywordError(f"one of {', '.join(sorted(_TYPES))} was expected")


def _count(value: Json) -> Json:
    number = _bound(value)
    if number == int(number) and number >= 0:
        return int(number)
    raise InvalidKeywordError("a whole number of at least 0 was expected")


def _bound(value: Json) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    raise InvalidKeywordError("a number was expected")


def _divisor(value: Json) -> Json:
    number = _bound(value)
    if number > 0:
        return number
    raise InvalidKeywordError("a number above 0 was expected")


def _flag(value: Json) -> Json:
    if isinstance(value, bool):
        return value
    raise InvalidKeywordError("true or false was expected")


def _text(value: Json) -> Json:
    if isinstance(value, str):
        return value
    raise InvalidKeywordError("a text was expected")


def _prose(value: Json) -> Json:
    return prose(_text(value))


def _pattern(value: Json) -> Json:
    if isinstance(value, str) and is_pattern(value):
        return value
    raise InvalidKeywordError("a usable regular expression was expected")


def _names(value: Json) -> Json:
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return [*dict.fromkeys(str(name) for name in value)]
    raise InvalidKeywordError("a list of property names was expected")


def _names_by_name(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _names(names) for name, names in value.items()}
    raise InvalidKeywordError("lists of property names by property were expected")


def _any(value: Json) -> Json:
    if values.is_usable(value):
        return value
    raise InvalidKeywordError("a JSON value was expected, finite and not too deep")


def _list(value: Json) -> Json:
    if isinstance(value, list):
        return _any(value)
    raise InvalidKeywordError("a list was expected")


#: Every keyword that holds no schema, and what its value must be.
CHECKS: Mapping[str, Callable[[Json], Json]] = {
    "type": _type,
    "enum": _list,
    "const": _any,
    "default": _any,
    "examples": _list,
    "multipleOf": _divisor,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _bound),
    **dict.fromkeys(
        (
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties",
            "minContains",
            "maxContains",
        ),
        _count,
    ),
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), _flag),
    **dict.fromkeys(("format", "contentEncoding", "contentMediaType"), _text),
    **dict.fromkeys(("title", "description"), _prose),
    "pattern": _pattern,
    "required": _names,
    "dependentRequired": _names_by_name,
}
