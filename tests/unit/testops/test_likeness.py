from __future__ import annotations

import pytest

from testops import likeness
from testops.json_values import Json


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (None, None),
        (1, 1.0),
        ("a", "a"),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": None}, {}),
        ([1, 2], [2, 1]),
        ([{"a": 1}], [{"a": 1, "id": 7}]),
        ("2024-03-15T10:30:00Z", "2024-03-15T12:30:00+02:00"),
        ("2024-03-15T10:30:00Z", "2024-03-15t10:30:00.000z"),
        ("6F1B4C1E-8f0a-4a52-9a0c-2d3e4f5a6b71", "6f1b4c1e-8f0a-4a52-9a0c-2d3e4f5a6b71"),
        ("Alex@Example.com", "alex@example.com"),
        ("https://Example.com", "https://example.com/"),
        ("2024-02-30T10:30:00Z", "2024-02-30T10:30:00z"),
    ],
)
def test_what_may_be_written_differently_is_the_same(sent: Json, found: Json) -> None:
    assert list(likeness.differences(sent, found)) == []


@pytest.mark.parametrize(
    ("sent", "found", "line"),
    [
        ("a", "A", "at the top: expected 'a', got 'A'"),
        (1, "1", "at the top: expected 1, got '1'"),
        (1, True, "at the top: expected 1, got True"),
        (True, 1, "at the top: expected True, got 1"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "at /a/b: expected 1, got 2"),
        ({"a": 1}, {}, "at /a: expected 1, but it is not there"),
        ({"a": 1}, [1], "at the top: expected {'a': 1}, got [1]"),
        ([1], [1, 1], "at the top: expected [1], got [1, 1]"),
        ([1, 1], [1, 2], "at the top: expected [1, 1], got [1, 2]"),
        ([1], 1, "at the top: expected [1], got 1"),
        ([{"a": 1}], [{"a": 2}], "at the top: expected [{'a': 1}], got [{'a': 2}]"),
        ("2024-03-15T10:30:00Z", "2024-03-15T10:30:01Z", "at the top: expected"),
        ("2024-03-15T10:30:00Z", "today", "at the top: expected"),
        ("https://example.com", "http://example.com", "at the top: expected"),
    ],
)
def test_anything_else_is_told_with_its_place(sent: Json, found: Json, line: str) -> None:
    [told] = likeness.differences(sent, found)

    assert told.startswith(line)


def test_single_precision_is_enough() -> None:
    assert likeness.is_same(12.34, 12.340000152587891)
    assert not likeness.is_same(12.34, 12.35)
    assert not likeness.is_same(1.5, "1.5")


def test_one_instant_may_be_any_other_where_time_does_not_count() -> None:
    old, new = {"at": "2024-03-15T10:30:00Z"}, {"at": "2024-03-16T10:30:00Z"}

    assert list(likeness.differences(old, new)) != []
    assert list(likeness.differences(old, new, timeless=True)) == []
    assert list(likeness.differences(old, {"at": "now"}, timeless=True)) != []
