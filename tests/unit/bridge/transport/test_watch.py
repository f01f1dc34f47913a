"""When a message is handed out after a worker died, step by step."""

from __future__ import annotations

import pytest
from confluent_kafka import Message

from bridge.transport import watch as module
from bridge.transport.backlog import Backlog
from bridge.transport.ledger import Commit, Delivery, Ledger, Place
from bridge.transport.watch import COMPANY, Trust, Watch

HERE: Place = ("queue", 0)
THERE: Place = ("other", 0)
FOLLOWED = ("queue", "other")


class Bench:
    """A watch over partitions with what was committed of them."""

    def __init__(self, **metadata: str) -> None:
        self.ledger = Ledger()
        self.backlog = Backlog(1000)
        self.condemned: list[tuple[int, str]] = []
        self.watch = Watch(self.ledger, self.backlog, 5, self.condemn)
        commits = {(topic, 0): Commit(0, text) for topic, text in metadata.items()}
        self.ledger.assign([HERE, THERE], commits, with_marks=True)
        for place in (HERE, THERE):
            self.watch.begin(place)

    def condemn(self, _record: Message, delivery: Delivery, reason: str) -> None:
        self.condemned.append((delivery.offset, reason))
        self.ledger.finish(delivery)

    def bring(self, *offsets: int, place: Place = HERE) -> None:
        for offset in offsets:
            delivery = self.ledger.deliver(place, offset)
            assert delivery is not None
            record = Message(topic=place[0], offset=offset)
            if not self.watch.put(delivery, record):
                self.backlog.put(delivery, record)

    def turn(self, *followed: str) -> bool:
        return self.watch.turn(followed or FOLLOWED)

    def commit(self) -> None:
        self.ledger.committed(self.ledger.due())

    def take(self) -> Delivery | None:
        taken = self.backlog.take(FOLLOWED)
        return taken and taken[0]

    def taken(self) -> list[int]:
        """The offsets of all that may be taken now."""
        offsets = []
        while (delivery := self.take()) is not None:
            offsets.append(delivery.offset)
        return offsets

    def suspect_alone(self) -> Delivery:
        """Go on until the suspect is out."""
        for _ in range(4):
            self.turn()
            self.commit()
        delivery = self.take()
        assert delivery is not None
        return delivery


def test_nothing_is_handed_out_before_the_broker_knows_the_owner() -> None:
    bench = Bench(queue="")
    assert not bench.watch.is_urgent()
    bench.bring(0, 1)
    assert bench.watch.is_urgent()
    assert not bench.turn()
    bench.commit()
    assert bench.turn()
    assert not bench.watch.is_urgent()
    bench.bring(2)
    assert bench.taken() == [0, 1, 2]


def test_the_mark_is_made_before_the_first_message_comes() -> None:
    bench = Bench(queue="")
    bench.commit()
    assert bench.ledger.due() == {}
    bench.turn()
    bench.bring(0)
    assert bench.taken() == [0]


def test_who_leaves_in_order_leaves_no_mark() -> None:
    bench = Bench(queue="own1:")
    bench.bring(0)
    bench.turn()
    bench.ledger.leave([HERE, ("unknown", 0)])
    assert bench.ledger.due() == {HERE: Commit(0)}


def test_after_a_death_messages_are_recorded_first_and_only_some_are_out() -> None:
    bench = Bench(queue="own1:")
    bench.bring(*range(COMPANY + 2))
    assert not bench.turn()
    assert bench.watch.is_urgent()
    assert bench.taken() == []
    bench.commit()
    assert bench.turn()
    first = bench.take()
    assert bench.taken() == list(range(1, COMPANY))
    assert not bench.turn()
    assert first is not None
    bench.ledger.finish(first)
    bench.turn()
    bench.commit()
    bench.turn()
    assert bench.taken() == [COMPANY]


def test_after_so_many_there_is_no_more_care_unless_a_suspect_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CAREFUL", 2)
    bench = Bench(queue="own1:3=1")
    bench.bring(*range(6))
    bench.turn()
    bench.commit()
    bench.turn()
    assert bench.taken() == [3], "alone"
    bench = Bench(queue="own1:")
    bench.bring(*range(6))
    bench.turn()
    bench.commit()
    bench.turn()
    assert bench.taken() == list(range(6))


def test_when_all_is_done_there_is_no_more_care() -> None:
    bench = Bench(queue="own1:")
    bench.bring(0)
    for _ in range(2):
        bench.turn()
        bench.commit()
    bench.turn()
    only = bench.take()
    assert only is not None
    bench.ledger.finish(only)
    bench.turn()
    bench.bring(1)
    assert bench.taken() == [1]


def test_a_suspect_waits_for_all_others_and_all_others_wait_for_it() -> None:
    bench = Bench(queue="own1:0=1", other="left1:")
    bench.bring(0, place=THERE)
    bench.bring(1, place=THERE)
    bench.commit()
    bench.turn()
    other = bench.take()
    assert other is not None
    bench.bring(0, 1)
    bench.turn()
    bench.commit()
    assert not bench.turn()
    assert bench.taken() == [], "one runs, and all others are held"
    bench.ledger.finish(other)
    bench.turn()
    assert bench.ledger.due()[HERE].metadata == "own1:0=2"
    assert bench.watch.is_urgent()
    bench.commit()
    assert bench.turn()
    suspect = bench.take()
    assert suspect == Delivery(HERE, 0, suspect.epoch if suspect else 0)
    assert bench.taken() == []

    assert suspect is not None
    bench.ledger.finish(suspect)
    assert not bench.turn()
    assert bench.watch.is_urgent()
    assert bench.taken() == [], "its innocence is not committed yet"
    bench.commit()
    assert bench.turn()
    bench.turn()
    bench.commit()
    bench.turn()
    assert sorted(bench.taken()) == [1, 1]


def test_what_has_killed_often_enough_alone_is_condemned() -> None:
    bench = Bench(queue="own1:0=4,2=3")
    bench.bring(0, 1, 2)
    bench.turn()
    reason = (
        "4 workers that had started it died one after another, "
        "3 of them while they had nothing else"
    )
    assert bench.condemned == [(0, reason)]
    bench.commit()
    bench.turn()
    assert bench.taken() == [2], "alone once more"


def test_where_a_broker_takes_no_metadata_all_is_handed_out() -> None:
    bench = Bench(queue="own1:0=4")
    bench.ledger.commit_offsets_only()
    bench.bring(0)
    bench.turn()
    assert bench.taken() == [0]
    assert bench.ledger.due()[HERE].metadata == ""


def test_so_many_are_kept_back_and_no_more_are_fetched() -> None:
    bench = Bench(queue="own1:")
    assert bench.watch.full() == set()
    bench.bring(*range(module._MOST_WAITING))
    assert bench.watch.full() == {HERE}


def test_what_is_kept_back_goes_with_its_partition() -> None:
    bench = Bench(queue="own1:1=1")
    bench.bring(0, 1, 2)
    bench.turn()
    assert bench.watch.drop([THERE]) == 0
    assert bench.watch.drop([HERE, ("unknown", 0)]) == 3
    bench.bring(3)
    assert bench.taken() == [3], "nothing is held for a suspect that is gone"


def test_a_suspect_that_runs_goes_with_its_partition() -> None:
    bench = Bench(queue="own1:0=1")
    bench.bring(0, 1)
    bench.suspect_alone()
    assert bench.watch.drop([HERE]) == 1
    bench.bring(0, place=THERE)
    bench.commit()
    bench.turn()
    assert bench.taken() == [0]


def test_nothing_is_started_of_a_queue_that_nobody_takes_from() -> None:
    bench = Bench(queue="own1:")
    bench.bring(0)
    bench.turn("other")
    assert not bench.watch.is_urgent()


def test_a_suspect_waits_without_holding_others_while_its_queue_is_left() -> None:
    bench = Bench(queue="own1:0=1")
    bench.bring(0)
    bench.bring(0, place=THERE)
    bench.commit()
    bench.turn()
    assert bench.turn("other"), "others go on"
    assert bench.taken() == [0]


def test_a_suspect_that_nobody_took_is_taken_back_and_one_that_runs_is_not() -> None:
    bench = Bench(queue="own1:0=1")
    bench.bring(0, 1)
    bench.turn()
    bench.turn()
    bench.commit()
    bench.turn()
    assert bench.turn("other")
    assert bench.take() is None

    suspect = bench.suspect_alone()
    assert not bench.turn("other")
    bench.ledger.finish(suspect)
    bench.turn("other")
    assert not bench.turn("other")
    bench.commit()
    assert bench.turn("other")


def test_trust_keeps_nothing_back() -> None:
    trust = Trust()
    trust.begin(HERE)
    delivery = Delivery(HERE, 0, 1)
    kept = trust.put(delivery, Message()), trust.drop([HERE]), trust.turn([]), trust.is_urgent()
    assert not any(kept)
    assert trust.full() == set()
    assert not trust.needs_marks
