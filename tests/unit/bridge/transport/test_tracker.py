from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.transport.tracker import PartitionTracker


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Delivered offsets with gaps, and those of them that are finished, in any order."""
    offsets = sorted(draw(st.sets(st.integers(0, 60), max_size=40)))
    chosen = draw(st.permutations(offsets))
    return offsets, list(chosen[: draw(st.integers(0, len(offsets)))])


@given(histories())
def test_a_commit_never_covers_an_unfinished_message(
    history: tuple[Sequence[int], Sequence[int]],
) -> None:
    delivered, finished = history
    tracker = PartitionTracker()
    for offset in delivered:
        tracker.deliver(offset)
    last = tracker.safe
    for number, offset in enumerate(finished, start=1):
        assert tracker.finish(offset)
        unfinished = set(delivered) - set(finished[:number])
        assert tracker.safe == min(unfinished, default=max(delivered) + 1)
        assert last is not None
        assert tracker.safe >= last, "a commit went back"
        assert tracker.open == len(unfinished)
        last = tracker.safe


@given(histories())
def test_deliveries_and_finishes_may_interleave(
    history: tuple[Sequence[int], Sequence[int]],
) -> None:
    delivered, finished = history
    tracker = PartitionTracker()
    for offset in delivered:
        tracker.deliver(offset)
        if offset in finished:
            tracker.finish(offset)
    unfinished = set(delivered) - set(finished)
    expected = min(unfinished, default=max(delivered, default=-1) + 1) if delivered else None
    assert tracker.safe == expected


def test_nothing_is_safe_before_the_first_delivery() -> None:
    assert PartitionTracker().safe is None


def test_a_message_is_finished_only_once_and_only_if_delivered() -> None:
    tracker = PartitionTracker()
    tracker.deliver(5)

    assert not tracker.finish(4)
    assert tracker.finish(5)
    assert not tracker.finish(5)
    assert tracker.safe == 6


def test_offsets_must_rise() -> None:
    tracker = PartitionTracker()
    tracker.deliver(5)
    with pytest.raises(ValueError, match="offset 5 after 5"):
        tracker.deliver(5)
