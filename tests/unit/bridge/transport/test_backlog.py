"""Which fetched message goes next, and who may fetch more."""

from __future__ import annotations

import threading
from collections import Counter

from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from bridge.transport.backlog import FAVOURED, Backlog, Limiter
from bridge.transport.ledger import Delivery


def filled(*topics: str, limit: int = 10) -> Backlog:
    """A backlog with one message for each mention of a topic, its offsets in order."""
    backlog = Backlog(limit)
    for offset, topic in enumerate(topics):
        backlog.put(Delivery((topic, offset % 2), offset, 1), Message(topic=topic, offset=offset))
    return backlog


def drained(backlog: Backlog, *queues: str) -> list[Delivery]:
    taken = []
    while (fetched := backlog.take(queues)) is not None:
        taken.append(fetched[0])
    return taken


def test_queues_take_turns_and_others_are_left() -> None:
    backlog = filled("a", "a", "b", "b", "c")
    assert [it.place[0] for it in drained(backlog, "a", "b")] == ["a", "b", "a", "b"]
    assert len(backlog) == 1
    assert [it.place[0] for it in drained(backlog, "c")] == ["c"]


def test_the_highest_priority_goes_first_and_keeps_its_order() -> None:
    backlog = filled("a", "a.p1", "a.p2", "a.p2", "a.p1")
    assert [it.offset for it in drained(backlog, "a")] == [2, 3, 1, 4, 0]


def test_a_low_priority_has_its_turn_under_a_flood_of_high_ones() -> None:
    backlog = filled("a", "a", *["a.p9"] * 3 * FAVOURED)
    order = [it.place[0] for it in drained(backlog, "a")]
    assert order == (["a.p9"] * FAVOURED + ["a"]) * 2 + ["a.p9"] * FAVOURED


def test_the_lower_levels_share_what_the_highest_leaves() -> None:
    flood = [f"a.p{level}" if level else "a" for level in range(4) for _ in range(100)]
    counts = Counter(it.place[0] for it in drained(filled(*flood), "a")[:80])
    assert counts == {"a.p3": 70, "a.p2": 3, "a.p1": 3, "a": 4}


def test_who_waits_for_room_goes_on_when_less_than_half_is_taken() -> None:
    backlog = filled(*["a"] * 10, limit=10)
    assert len(backlog) == 10
    assert not backlog.wait_for_room(0)

    taker = threading.Timer(0.02, lambda: [backlog.take(["a"]) for _ in range(6)])
    taker.start()
    assert backlog.wait_for_room(30)
    taker.join()
    assert len(backlog) == 4
    assert backlog.paused([("a", 0)]) == set()


def test_dropping_makes_room_too() -> None:
    backlog = filled(*["a"] * 10, limit=10)
    dropper = threading.Timer(0.02, lambda: backlog.drop([("a", 0), ("a", 1)]))
    dropper.start()
    assert backlog.wait_for_room(30)
    dropper.join()
    assert len(backlog) == 0


@given(st.lists(st.integers(0, 4), max_size=200))
def test_no_level_waits_longer_than_its_limit(levels: list[int]) -> None:
    """Whatever there is: every level's next message goes within the limit, in its order."""
    order = drained(filled(*(f"a.p{level}" if level else "a" for level in levels)), "a")
    assert sorted(it.offset for it in order) == list(range(len(levels)))
    for topic in {it.place[0] for it in order}:
        turns = [turn for turn, it in enumerate(order) if it.place[0] == topic]
        mine = [it.offset for it in order if it.place[0] == topic]
        gaps = [then - now for now, then in zip([-1, *turns], turns, strict=False)]
        assert mine == sorted(mine)
        assert max(gaps) <= (FAVOURED + 1) * 4


def test_messages_of_a_partition_that_moves_are_dropped() -> None:
    backlog = filled("a", "a", "a.p1", "b")
    assert backlog.drop([("a", 1), ("b", 1)]) == 2
    assert [it.offset for it in drained(backlog, "a", "b")] == [2, 0]


def test_a_flood_of_low_ones_leaves_room_for_high_ones() -> None:
    backlog = filled(*["a"] * 10)
    places = {("a", 0), ("a", 1), ("a.p1", 0)}
    assert backlog.paused(places) == {("a", 0), ("a", 1)}
    assert backlog.paused(set()) == set()


def test_who_waits_goes_on_when_half_of_the_room_or_of_its_share_is_free() -> None:
    limiter = Limiter(10)
    assert limiter.full({"a": 9, "b": 0}) == set()
    assert limiter.full({"a": 10, "b": 0}) == {"a"}
    assert limiter.full({"a": 10, "b": 4}) == {"a"}
    assert limiter.full({"a": 5, "b": 0}) == {"a"}
    assert limiter.full({"a": 4, "b": 0}) == set()
    assert limiter.full({"a": 8, "b": 7}) == {"a", "b"}
    assert limiter.full({"a": 2, "b": 7}) == {"b"}


def test_while_it_is_held_only_one_message_may_be_taken() -> None:
    backlog = filled("a", "b")
    backlog.hold()
    assert backlog.take(["a"]) is None
    backlog.put_alone((Delivery(("c", 0), 7, 1), Message()))
    assert len(backlog) == 3
    assert backlog.take(["a"]) is None, "it is of another queue"
    assert [it.offset for it in drained(backlog, "a", "c")] == [7]
    assert not backlog.take_back()
    backlog.release()
    assert len(drained(backlog, "a", "b")) == 2


def test_the_one_message_may_be_taken_back_or_dropped() -> None:
    backlog = filled("a")
    backlog.hold()
    backlog.put_alone((Delivery(("c", 0), 7, 1), Message()))
    assert backlog.take_back()
    backlog.put_alone((Delivery(("c", 0), 7, 1), Message()))
    assert backlog.drop([("c", 0)]) == 1
    assert backlog.take(["c"]) is None
    assert len(backlog) == 1
