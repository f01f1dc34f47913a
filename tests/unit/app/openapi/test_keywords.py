import math

import jsonschema_rs
import pytest

from app.openapi import keywords
from app.openapi.tree import Json


@pytest.mark.parametrize(
    ("keyword", "value", "read_as"),
    [
        ("type", "string", "string"),
        ("type", ["string", "null", "string"], ["string", "null"]),
        ("enum", [1, "a", None], [1, "a", None]),
        ("const", {"a": 1}, {"a": 1}),
        ("minLength", 5.0, 5),
        ("maxItems", 10**30, 10**30),
        ("minimum", -1.5, -1.5),
        ("multipleOf", 0.01, 0.01),
        ("uniqueItems", False, False),
        ("format", "date", "date"),
        ("title", " a\x00b ", "ab"),
        ("pattern", "^[a-z]+$", "^[a-z]+$"),
        ("required", ["a", "b", "a"], ["a", "b"]),
        ("dependentRequired", {"a": ["b", "b"]}, {"a": ["b"]}),
        ("examples", [1], [1]),
    ],
)
def test_valid_values_stay(keyword: str, value: Json, read_as: Json) -> None:
    read = keywords.CHECKS[keyword](value)
    assert read == read_as
    assert type(read) is type(read_as)
    assert jsonschema_rs.meta.is_valid({keyword: read})


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("type", "strng"),
        ("type", ["string", "text"]),
        ("type", ["string", 5]),
        ("type", []),
        ("type", None),
        ("enum", "a"),
        ("enum", [math.nan]),
        ("const", math.inf),
        ("default", math.nan),
        ("minLength", "x"),
        ("minLength", -1),
        ("minLength", 1.5),
        ("minLength", True),
        ("maximum", math.inf),
        ("maximum", "3"),
        ("multipleOf", 0),
        ("uniqueItems", "yes"),
        ("format", 5),
        ("title", {}),
        ("pattern", "["),
        ("pattern", 5),
        ("pattern", "^.{100000}$"),
        ("pattern", "/^[a-z]+$/i"),
        ("required", True),
        ("required", ["a", 1]),
        ("dependentRequired", ["a"]),
        ("dependentRequired", {"a": "b"}),
    ],
)
def test_invalid_values_are_refused(keyword: str, value: Json) -> None:
    with pytest.raises(keywords.InvalidKeywordError, match="expected"):
        keywords.CHECKS[keyword](value)


@pytest.mark.parametrize("pattern", [r"^\p{L}+$", r"(?<y>\d{4})", r"^(?!abc).*$", r"^(a+)+$"])
def test_patterns_of_ecma_262_are_patterns(pattern: str) -> None:
    assert keywords.is_pattern(pattern)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("int", "integer"), ("String", "string"), ("DOUBLE", "number"), ("thing", ""), (5, "")],
)
def test_wrong_names_of_types_are_understood(written: Json, meant: str) -> None:
    assert keywords.meant_type(written) == meant
