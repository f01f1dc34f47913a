"""Which delay a message takes, and when it leaves: with clocks that the test sets."""

from __future__ import annotations

import math

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_NOT_AVAILABLE, Message
from hypothesis import given
from hypothesis import strategies as st

from bridge.transport import wire
from bridge.transport.ledger import Delivery
from bridge.transport.schedule import DELAYS, Schedule, delay_for

NOW = 1_700_000_000.0
OTHER_PARTITION = 1


class Clock:
    """Seconds since 1970, as the test says."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


def record(
    offset: int, delay: int, *, due: float, stamped: float | None = NOW, value: bytes = b""
) -> Message:
    """What waits in a delay's topic."""
    waiting = wire.delayed(wire.Outgoing(None, value, ()), wire.Waiting(due, "queue"))
    stamp = (
        (TIMESTAMP_NOT_AVAILABLE, 0)
        if stamped is None
        else (TIMESTAMP_CREATE_TIME, int(stamped * 1000))
    )
    return Message(
        topic=f"p-delay.{delay}", partition=0, offset=offset, value=value,
        headers=list(waiting.headers), timestamp=stamp,
    )  # fmt: skip


class Bench:
    """A schedule and its clock."""

    def __init__(self, limit: int = 10) -> None:
        self.clock = Clock()
        self.schedule = Schedule(limit, "p-", self.clock)

    def put(self, message: Message, partition: int = 0) -> None:
        place = (str(message.topic()), partition)
        self.schedule.put(Delivery(place, message.offset() or 0, 1), message)

    def taken(self) -> list[int]:
        """The offsets of all that leave now."""
        offsets = []
        while (fetched := self.schedule.take()) is not None:
            offsets.append(fetched[0].offset)
        return offsets


@given(st.floats(0, 10 * DELAYS[-1]), st.floats(0, 100))
def test_delays_add_up_to_the_time_left_but_less_than_the_threshold(
    seconds: float, threshold: float
) -> None:
    """Whatever the time: it never waits too long, and what is left is not worth a delay."""
    left = seconds
    while (delay := delay_for(left, threshold)) is not None:
        assert delay in DELAYS
        assert delay <= left
        assert left < 2 * delay or delay == DELAYS[-1]
        left -= delay
    assert 0 <= left <= max(threshold, 1)


def test_a_time_has_the_delays_of_its_binary_digits() -> None:
    assert delay_for(13.4, 1) == 8
    assert delay_for(5.4, 1) == 4
    assert delay_for(1.4, 1) == 1
    assert delay_for(0.4, 1) is None
    assert delay_for(1.0, 1) is None
    assert delay_for(30, 60) is None
    assert delay_for(0.9, 0) is None
    assert delay_for(10**7, 1) == 131072


def test_a_message_leaves_when_it_has_waited_its_delay() -> None:
    bench = Bench()
    bench.put(record(0, 8, due=NOW + 13))
    bench.clock.now = NOW + 1
    bench.put(record(1, 8, due=NOW + 9, stamped=NOW + 1))
    assert bench.schedule.next_time() == NOW + 8
    assert bench.taken() == []
    bench.clock.now = NOW + 8
    assert bench.taken() == [0]
    assert bench.schedule.next_time() == NOW + 9
    bench.clock.now = NOW + 9
    assert bench.taken() == [1]
    assert bench.schedule.next_time() == math.inf


def test_a_message_waits_for_none_of_another_delay_or_partition() -> None:
    bench = Bench()
    bench.put(record(0, 8, due=NOW + 8))
    bench.put(record(1, 4, due=NOW + 5, stamped=NOW - 4))
    bench.put(record(2, 8, due=NOW + 9, stamped=NOW - 8), OTHER_PARTITION)
    assert bench.taken() == [1, 2]


def test_a_clock_that_was_ahead_holds_up_no_longer_than_one_delay() -> None:
    bench = Bench()
    bench.put(record(0, 8, due=NOW + 8000, stamped=NOW + 7990))
    bench.put(record(1, 8, due=NOW + 8))
    bench.clock.now = NOW + 7.9
    assert bench.taken() == []
    bench.clock.now = NOW + 8
    assert bench.taken() == [0, 1]


def test_no_message_waits_in_its_delay_longer_than_until_it_is_due() -> None:
    bench = Bench()
    bench.put(record(0, 8, due=NOW + 3, stamped=NOW + 5))
    assert bench.schedule.next_time() == NOW + 3


def test_a_record_without_timestamp_waits_from_its_fetch_on() -> None:
    bench = Bench()
    bench.put(record(0, 8, due=NOW + 100, stamped=None))
    assert bench.schedule.next_time() == NOW + 8


def test_what_says_nothing_of_its_time_leaves_at_once() -> None:
    bench = Bench()
    bench.put(Message(topic="p-delay.8", partition=0, offset=0, value=b"foreign"))
    assert bench.taken() == [0]
    waiting = record(1, 8, due=NOW + 100)
    bench.put(Message(topic="no delay", offset=1, headers=waiting.headers(), timestamp=(1, 0)))
    assert bench.taken() == [1]


def test_a_partition_that_moves_takes_its_messages_along() -> None:
    bench = Bench()
    for offset in range(3):
        bench.put(record(offset, 8, due=NOW + 8), partition=offset % 2)
    assert bench.schedule.drop([("p-delay.8", 0), ("p-delay.8", 7)]) == 2
    bench.clock.now = NOW + 8
    assert bench.taken() == [1]


def test_a_full_partition_is_paused_until_most_of_it_has_left() -> None:
    bench = Bench(limit=4)
    full, free = ("p-delay.8", 0), ("p-delay.8", OTHER_PARTITION)
    for offset in range(4):
        bench.put(record(offset, 8, due=NOW + 8 + offset, stamped=NOW - 8 + offset))
    assert bench.schedule.paused([full, free]) == {full}
    assert bench.taken() == [0]
    assert bench.schedule.paused([full, free]) == {full}
    bench.clock.now = NOW + 2
    assert bench.taken() == [1, 2]
    assert bench.schedule.paused([full, free]) == set()


def test_a_big_message_fills_a_partition_sooner() -> None:
    bench = Bench(limit=4)
    bench.put(record(0, 8, due=NOW + 8, value=bytes(3 * 4096)))
    assert bench.schedule.paused([("p-delay.8", 0)]) == {("p-delay.8", 0)}
    bench.clock.now = NOW + 8
    bench.taken()
    assert bench.schedule.paused([("p-delay.8", 0)]) == set()


@given(st.lists(st.tuples(st.sampled_from([1, 2, 4]), st.floats(0, 10)), max_size=30))
def test_nothing_leaves_early_and_all_leaves_in_order(messages: list[tuple[int, float]]) -> None:
    """Stamped by one clock, as a broker's: each leaves at its time to the millisecond."""
    bench = Bench(limit=1000)
    order: list[int] = []
    expected: dict[int, float] = {}
    for offset, (delay, pause) in enumerate(messages):
        bench.clock.now += pause
        moment = bench.clock.now
        bench.put(record(offset, delay, due=moment + 2 * delay, stamped=moment))
        expected[offset] = moment + delay
    bench.clock.now = NOW
    while (then := bench.schedule.next_time()) < math.inf:
        assert then >= bench.clock.now
        bench.clock.now = then
        left = bench.taken()
        assert left
        assert all(abs(expected[offset] - then) < 0.002 for offset in left)
        order += left
    for delay in (1, 2, 4):
        mine = [offset for offset in order if messages[offset][0] == delay]
        assert mine == sorted(mine)
    assert sorted(order) == list(range(len(messages)))
