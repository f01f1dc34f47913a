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
        assert set(tracker.finished) == {done for done in delivered if done > tracker.safe} - (
            unfinished
        )
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
    tracker = PartitionTracker(5, [7])
    assert tracker.safe is None
    assert tracker.finished == []


def test_what_an_earlier_owner_finished_stays_finished() -> None:
    tracker = PartitionTracker(5, [6, 8, 9])
    assert tracker.deliver(5)
    assert sorted(tracker.finished) == [6, 8, 9]
    assert not tracker.deliver(6)
    tracker.finish(5)
    assert tracker.safe == 7
    assert sorted(tracker.finished) == [8, 9]
    assert tracker.deliver(9) is False, "8 is no longer in the log"
    assert tracker.safe == 10
    assert tracker.finished == []


def test_a_log_made_anew_has_nothing_finished() -> None:
    tracker = PartitionTracker(5, [6, 8])
    assert all(tracker.deliver(offset) for offset in range(10))


def test_the_span_counts_from_the_first_unfinished_once_all_known_is_delivered() -> None:
    tracker = PartitionTracker(0, [3])
    spans = []
    for offset in range(5):
        tracker.deliver(offset)
        spans.append(tracker.span)
    assert spans == [0, 0, 0, 4, 5]
    tracker.finish(0)
    assert tracker.span == 4


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
    with pytest.raises(ValueError, match="offset 5 after a later one"):
        tracker.deliver(5)
