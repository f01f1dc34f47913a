"""Texts that are made anew stand for each other, one for one, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.strength import anew

UUIDS = st.uuids().map(str)


def any_text(one: str, other: str) -> bool:
    return True


@given(UUIDS, UUIDS, st.text("xyz -", max_size=5))
def test_a_text_made_anew_stands_for_the_recorded_one(one: str, other: str, around: str) -> None:
    found = anew.bound(f"{around}{one}!", f"{around}{other}!", {}, any_text)

    assert found == ({} if one == other else {one: other})
    assert anew.told(f"<{one}>", found) == f"<{other}>"


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        ("2026-05-04T10:00:00Z", "2027-01-01T00:00:59.5+02:00"),
        ("2026-05-04", "2027-01-01"),
        ("kim-5e1f02aa@example.com", "kim-00ff00ff@example.com"),
        ("at 1760000000", "at 1760009999"),
    ],
)
def test_times_and_tags_are_made_anew(recorded: str, asked: str) -> None:
    assert anew.bound(recorded, asked, {}, any_text)


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        ("a", "b"),
        ("1234567", "7654321"),
        ("2026-05-04", "5e1f02aa"),
        ("5e1f02aa", "5e1f02aa 00ff00ff"),
        ("5e1f02aa x", "00ff00ff y"),
        ("5e1f02aa", "a text"),
        # One text stands for one.
        ("5e1f02aa 5e1f02aa", "00ff00ff 11ff11ff"),
        ("5e1f02aa 6e1f02aa", "00ff00ff 00ff00ff"),
    ],
)
def test_other_texts_are_other_texts(recorded: str, asked: str) -> None:
    assert anew.bound(recorded, asked, {}, any_text) is None


def test_what_may_not_differ_must_be_the_same() -> None:
    def no_text(one: str, other: str) -> bool:
        return False

    assert anew.bound("5e1f02aa", "5e1f02aa", {}, no_text) == {}
    assert anew.bound("5e1f02aa", "00ff00ff", {}, no_text) is None


def test_bindings_are_kept() -> None:
    known = {"5e1f02aa": "00ff00ff"}

    assert anew.bound("5e1f02aa", "00ff00ff", known, any_text) == known
    assert anew.bound("5e1f02aa", "11ff11ff", known, any_text) is None


def test_nothing_is_told_anew_without_bindings() -> None:
    assert anew.told("5e1f02aa", {}) == "5e1f02aa"
