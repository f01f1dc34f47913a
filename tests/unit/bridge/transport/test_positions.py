from collections.abc import Iterable

import pytest
from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from bridge.transport.logs import Binding, binding
from bridge.transport.positions import Positions

HERE = ("log.news", 0)
ANY = Binding()


def record(offset: int, key: str = "") -> Message:
    return Message(topic=HERE[0], partition=0, offset=offset, key=key.encode(), value=b"")


def tell(positions: Positions, offsets: Iterable[int], key: str = "") -> None:
    for offset in offsets:
        positions.keep(HERE, offset, record(offset, key))


def offsets(positions: Positions, queue: str) -> list[int]:
    taken = []
    while item := positions.take([queue]):
        taken.append(item[0].offset)
    return taken


@pytest.fixture
def positions() -> Positions:
    """One queue that is consumed, from offset 5 on."""
    positions = Positions()
    assert positions.bind("q", HERE[0], ANY)
    positions.pin(HERE[0], {HERE: 5})
    positions.follow(["q"])
    return positions


def test_what_was_there_before_the_binding_is_not_heard(positions: Positions) -> None:
    tell(positions, range(3, 8))
    assert offsets(positions, "q") == [5, 6, 7]
    assert positions.waiting == 0


def test_binding_again_keeps_the_position(positions: Positions) -> None:
    assert not positions.bind("q", HERE[0], ANY)
    positions.pin(HERE[0], {HERE: 9})
    assert positions.starts() == {HERE: 5}


def test_a_record_that_is_read_again_is_heard_once(positions: Positions) -> None:
    tell(positions, [5, 6, 5, 6, 7])
    assert offsets(positions, "q") == [5, 6, 7]


def test_a_queue_hears_what_fits_any_of_its_bindings_once() -> None:
    positions = Positions()
    for key in ("a", "a", "b"):
        positions.bind("q", HERE[0], binding("direct", key))
    positions.pin(HERE[0], {HERE: 0})
    positions.follow(["q"])
    for offset, key in enumerate("abc"):
        tell(positions, [offset], key)
    assert offsets(positions, "q") == [0, 1]


def test_an_unbound_key_is_heard_no_more() -> None:
    positions = Positions()
    positions.bind("q", HERE[0], binding("direct", "a"))
    positions.pin(HERE[0], {HERE: 0})
    positions.follow(["q"])
    positions.unbind("q", HERE[0], binding("direct", "a"))
    positions.unbind("unknown", HERE[0], binding("direct", "a"))
    tell(positions, [0], "a")
    assert offsets(positions, "q") == []


def test_each_queue_hears_everything_from_its_own_position(positions: Positions) -> None:
    tell(positions, range(5, 8))
    positions.bind("late", HERE[0], ANY)
    positions.pin(HERE[0], {HERE: 7})
    positions.follow(["q", "late"])
    assert positions.starts() == {HERE: 7}
    tell(positions, range(7, 9))
    assert offsets(positions, "q") == [5, 6, 7, 8]
    assert offsets(positions, "late") == [7, 8]


def test_queues_take_turns(positions: Positions) -> None:
    positions.bind("other", HERE[0], ANY)
    positions.pin(HERE[0], {HERE: 5})
    positions.follow(["q", "other"])
    tell(positions, range(5, 7))
    taken = [positions.take(["q", "other"]) for _ in range(5)]
    assert [item and item[0].queue for item in taken] == ["q", "other", "q", "other", None]


def test_reading_begins_only_where_the_position_is_known() -> None:
    positions = Positions()
    positions.bind("q", HERE[0], ANY)
    positions.follow(["q", "unbound"])
    tell(positions, [0])
    assert positions.unpinned() == {HERE[0]}
    assert positions.starts() == {}
    assert offsets(positions, "q") == []
    positions.pin("log.other", {("log.other", 0): 1})
    positions.pin(HERE[0], {HERE: 1})
    assert positions.unpinned() == set()
    assert positions.starts() == {HERE: 1}


def test_what_was_not_handed_out_is_read_again_later(positions: Positions) -> None:
    tell(positions, range(5, 9))
    assert positions.take(["q"])
    positions.follow([])
    assert positions.waiting == 0
    tell(positions, [9])
    positions.follow(["q"])
    assert positions.starts() == {HERE: 6}
    tell(positions, range(6, 10))
    assert offsets(positions, "q") == [6, 7, 8, 9]


def test_what_was_given_back_is_heard_again_by_this_queue_only(positions: Positions) -> None:
    positions.bind("other", HERE[0], ANY)
    positions.pin(HERE[0], {HERE: 5})
    positions.follow(["q", "other"])
    tell(positions, [5])
    taken = positions.take(["q"])
    assert taken is not None
    positions.put_back(*taken)
    positions.follow([])
    positions.follow(["q", "other"])
    again = positions.take(["q"])
    assert again is not None
    assert (again[0].offset, again[0].times) == (5, 1)
    assert again[0].tag == taken[0].tag
    positions.forget("q")
    positions.put_back(*again)
    assert positions.waiting == 0


def test_a_forgotten_queue_hears_nothing_and_frees_what_waits(positions: Positions) -> None:
    tell(positions, [5])
    positions.forget("q")
    positions.forget("q")
    tell(positions, [6])
    assert not positions.has("q")
    assert positions.waiting == 0
    assert positions.starts() == {}
    positions.follow([])


def test_the_longest_queue_is_known(positions: Positions) -> None:
    assert Positions().longest() == 0
    tell(positions, range(5, 8))
    assert positions.longest() == 3


def test_expired_messages_are_skipped_and_counted(positions: Positions) -> None:
    positions.bind("elsewhere", "log.other", ANY)
    assert positions.jump(HERE, 8, 20) == 3
    assert positions.starts() == {HERE: 8}


def test_a_log_that_is_shorter_now_is_heard_from_its_end(positions: Positions) -> None:
    assert positions.jump(HERE, 0, 2) <= 0
    assert positions.starts() == {HERE: 2}


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("tell"), st.integers(1, 5)),
            st.tuples(st.just("take"), st.integers(1, 5)),
            st.tuples(st.just("pause"), st.just(0)),
        ),
        max_size=30,
    )
)
def test_a_queue_hears_everything_once_and_in_order(steps: list[tuple[str, int]]) -> None:
    """Whatever is told, taken, and paused, with a reader that goes where it has to."""
    positions = Positions()
    positions.bind("q", HERE[0], ANY)
    positions.pin(HERE[0], {HERE: 0})
    end, heard = 0, []
    for step, count in [*steps, ("take", 1000)]:
        if step == "tell":
            end += count
        elif step == "pause":
            positions.follow([])
        positions.follow(["q"])
        tell(positions, range(positions.starts()[HERE], end))
        if step == "take":
            heard += [item[0].offset for _ in range(count) if (item := positions.take(["q"]))]
    assert heard == list(range(end))
