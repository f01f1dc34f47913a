"""What a commit says of its owner, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.transport import completed, marks
from bridge.transport.marks import Marks

STARTS = st.dictionaries(st.integers(0, 2**62), st.integers(1, 9999), max_size=marks.MOST_STARTS)


@given(st.builds(Marks, st.booleans(), STARTS), st.sets(st.integers(5, 50)))
def test_marks_stand_beside_what_is_finished(said: Marks, finished: set[int]) -> None:
    text = f"{completed.encode(5, finished)} {marks.encode(said)}"
    assert marks.decode(text) == said
    assert completed.decode(5, text) == finished


def test_only_so_many_are_kept() -> None:
    many = dict.fromkeys(range(100), 7)
    kept = marks.decode(marks.encode(Marks(is_owned=False, starts=many)))
    assert kept == Marks(is_owned=False, starts=dict.fromkeys(range(marks.MOST_STARTS), 7))


def test_nothing_to_say_is_said_by_nothing() -> None:
    assert marks.encode(Marks()) == ""


@pytest.mark.parametrize("text", ["", "own1", "own2:", "own1:5", "own1:x=1", "other own1:1=1x"])
def test_what_others_write_means_nothing(text: str) -> None:
    assert marks.decode(text) == Marks()
