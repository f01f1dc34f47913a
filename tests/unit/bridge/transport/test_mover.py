"""Delayed messages on their way, on the embedded broker and with a consumer that fails."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from bridge.transport import mover as module
from bridge.transport import naming, wire
from bridge.transport.address import Address
from bridge.transport.errors import PublishError
from bridge.transport.ledger import Delivery
from bridge.transport.mover import Mover
from bridge.transport.options import Creation, Options
from bridge.transport.publisher import Done, Publisher
from bridge.transport.schedule import Schedule
from tests.waiting import wait_until


class Looker:
    """Says whether the topics of delays are there, as the test scripts it."""

    def __init__(self, *answers: str | KafkaException) -> None:
        self.answers = list(answers)
        self.closed = False

    def connect(self, _config: dict[str, Any]) -> Consumer:
        return cast("Consumer", self)

    def list_topics(self, name: str, timeout: float) -> SimpleNamespace:
        assert timeout > 0
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, KafkaException):
            raise answer
        there = answer == "there"
        error = None if there else KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
        return SimpleNamespace(
            topics={name: SimpleNamespace(error=error, partitions={0: None} if there else {})}
        )

    def close(self) -> None:
        self.closed = True


class FakeFetcher:
    """A consumer that the test feeds."""

    made: list[FakeFetcher]

    def __init__(
        self,
        options: Options,
        _address: Address,
        shelf: Schedule,
        *,
        on_ready: Callable[[], None],
        dead_letter_of: Callable[[str], str],
    ) -> None:
        self.options = options
        self.shelf = shelf
        self.on_ready = on_ready
        self.dead_letter_of = dead_letter_of
        self.failure: Exception | None = None
        self.followed: list[str] = []
        self.finished: list[int] = []
        self.closed = False
        type(self).made.append(self)

    def follow(self, topics: list[str]) -> None:
        self.followed = topics

    def finish(self, delivery: Delivery) -> None:
        self.finished.append(delivery.offset)

    def close(self) -> None:
        self.closed = True

    def bring(self, offset: int, message: wire.Outgoing, delay: int = 1) -> None:
        record = Message(
            topic=f"delay.{delay}", partition=0, offset=offset, key=message.key,
            value=message.value, headers=list(message.headers),
            timestamp=(1, int(time.time() * 1000) - delay * 1000),
        )  # fmt: skip
        self.shelf.put(Delivery((f"delay.{delay}", 0), offset, 1), record)
        self.on_ready()

    def fail(self) -> None:
        self.failure = RuntimeError("gone")
        self.on_ready()


class Post:
    """A publisher that keeps what it is given, and refuses topics as told."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, wire.Outgoing]] = []
        self.missing = ""
        self.waiting: list[Done] = []
        self.is_slow = False

    def ensure(self, topic: str) -> None:
        if topic == self.missing:
            self.missing = ""
            raise PublishError(f"no topic {topic}")

    def send(self, topic: str, message: wire.Outgoing, done: Done, *, is_copy: bool) -> None:
        assert is_copy
        self.sent.append((topic, message))
        if self.is_slow:
            self.waiting.append(done)
        else:
            done(None)


class Bench:
    """A mover whose every part the test decides."""

    def __init__(self, looker: Looker, **options: Any) -> None:  # noqa: ANN401 - any option
        self.post = Post()
        self.mover = Mover(
            Options(**options),
            Address("127.0.0.1:1"),
            lambda: cast("Publisher", self.post),
            connect=looker.connect,
        )

    def fetcher(self, number: int = 0) -> FakeFetcher:
        wait_until(lambda: len(FakeFetcher.made) > number)
        return FakeFetcher.made[number]


@pytest.fixture(autouse=True)
def fake_fetchers(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeFetcher.made = []
    monkeypatch.setattr(module, "Fetcher", FakeFetcher)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.01)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(Looker("there"))
    yield bench
    bench.mover.close()


MESSAGE = wire.Outgoing(b"key", b"body", (("celery", b"{}"),))


def waiting(seconds: float, topic: str = "queue.p1") -> wire.Outgoing:
    return wire.delayed(MESSAGE, wire.Waiting(time.time() + seconds, topic))


def test_what_is_due_goes_to_its_queue_as_it_was_and_is_then_finished(bench: Bench) -> None:
    bench.post.is_slow = True
    bench.fetcher().bring(7, waiting(0.1))
    wait_until(lambda: bench.post.waiting)
    assert bench.fetcher().finished == []
    bench.post.waiting[0](None)

    assert bench.fetcher().finished == [7]
    assert bench.post.sent == [("queue.p1", MESSAGE)]


def test_what_is_not_yet_due_goes_to_the_next_delay(bench: Bench) -> None:
    bench.fetcher().bring(0, waiting(6), delay=8)
    wait_until(lambda: bench.fetcher().finished)
    [(topic, message)] = bench.post.sent
    assert topic == "delay.4"
    assert set(dict(message.headers)) == {"celery", "x-due", "x-topic"}


def test_a_foreign_record_goes_to_the_dead_letter_of_all_delays(bench: Bench) -> None:
    bench.fetcher().bring(0, MESSAGE)
    wait_until(lambda: bench.fetcher().finished)
    [(topic, message)] = bench.post.sent
    assert topic == bench.fetcher().dead_letter_of("delay.1") == "delay.dlq"
    assert dict(message.headers)["x-reason"].startswith(b"the record in a delay's topic has no")


def test_a_queue_that_is_missing_is_tried_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.post.missing = "queue.p1"
    bench.fetcher().bring(0, waiting(0))
    wait_until(lambda: bench.fetcher().finished)
    assert "sent again: no topic queue.p1" in caplog.text


def test_no_more_are_on_their_way_than_allowed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ON_THEIR_WAY", 2)
    bench.post.is_slow = True
    fetcher = bench.fetcher()
    for offset in range(3):
        fetcher.bring(offset, waiting(0))
    wait_until(lambda: len(bench.post.waiting) == 2)
    wait_until(lambda: fetcher.shelf.next_time() < time.time())
    bench.post.waiting[1](None)
    wait_until(lambda: len(bench.post.waiting) == 3)
    bench.post.waiting[0](None)
    bench.post.waiting[2](None)
    assert sorted(fetcher.finished) == [0, 1, 2]


def test_it_waits_until_a_publisher_has_used_a_delay() -> None:
    away = KafkaException(KafkaError(KafkaError._TRANSPORT))
    looker = Looker("missing", away, "missing", "there")
    bench = Bench(looker, topic_prefix="p-")
    assert bench.fetcher().followed[:2] == ["p-delay.1", "p-delay.2"]
    assert bench.fetcher().options.group_id == "p-delay"
    bench.mover.close()
    assert looker.closed
    assert bench.fetcher().closed


def test_it_ends_where_no_delay_is_ever_used() -> None:
    looker = Looker("missing")
    bench = Bench(looker, delay_group="movers")
    bench.mover.close()
    assert looker.closed
    assert FakeFetcher.made == []


def test_a_consumer_that_ends_by_itself_is_made_anew(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    first = bench.fetcher()
    first.bring(0, waiting(100), delay=64)
    first.fail()
    second = bench.fetcher(1)
    second.bring(1, waiting(0))
    wait_until(lambda: second.finished == [1])
    assert first.closed
    assert first.finished == []
    assert "made anew: gone" in caplog.text


def test_a_forked_child_leaves_its_parents_mover_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as child:
        child.setattr(os, "getpid", lambda: -1)
        bench.mover.close()
    assert not bench.fetcher().closed


def test_messages_come_through_a_real_broker(
    embedded_broker: str, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all parts: from a delay of a second to the queue."""
    monkeypatch.undo()
    options = Options(topic_prefix=fresh, topic_creation=Creation.AUTO, session_timeout=6.0)
    publisher = Publisher(options, Address(embedded_broker))
    topic = naming.topic_of("queue", fresh)
    publisher.publish(naming.delay_of(1, fresh), waiting(1.2, topic))
    mover = Mover(options, Address(embedded_broker), lambda: publisher)
    consumer = Consumer({"bootstrap.servers": embedded_broker, "group.id": fresh})
    try:
        Producer({"bootstrap.servers": embedded_broker}).list_topics(topic, timeout=10)
        parts = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, part, 0) for part in parts])
        came = consumer.poll(20)
        assert came is not None
        assert (came.key(), came.value()) == (b"key", b"body")
        assert came.headers() == [("celery", b"{}")]
    finally:
        consumer.close()
        mover.close()
