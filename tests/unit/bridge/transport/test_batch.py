"""Publishing in batches: through kombu on the embedded broker, and with a sender of our own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping

import pytest
from celery import Celery, group
from confluent_kafka import Consumer, TopicPartition
from kombu import Connection
from kombu.exceptions import BatchPublishError

import bridge.transport
from bridge.transport import batch as batches
from bridge.transport.batch import Batch
from bridge.transport.errors import BatchError, PublishError
from bridge.transport.publisher import SILENCE, Done
from bridge.transport.wire import Outgoing


@pytest.fixture
def connection(embedded_broker: str) -> Iterator[Connection]:
    bridge.transport.register()
    options = {"topic_creation": "auto", "max_message_bytes": 2000}
    with Connection(f"kafka://{embedded_broker}", transport_options=options) as connection:
        yield connection


def published(address: str, topic: str) -> int:
    """How many messages a topic has."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": "look"})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    ends = [
        consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=10)[1]
        for number in partitions
    ]
    consumer.close()
    return sum(ends)


def test_all_messages_of_a_batch_are_confirmed_at_its_end(
    connection: Connection, embedded_broker: str, fresh: str
) -> None:
    producer = connection.Producer()
    assert producer.supports_batch_publish
    with producer.batch():
        for number in range(50):
            producer.publish(number, routing_key=fresh)
        assert published(embedded_broker, fresh) == 0
    assert published(embedded_broker, fresh) == 50


def test_a_full_batch_is_sent_while_the_next_is_collected(
    connection: Connection, embedded_broker: str, fresh: str
) -> None:
    producer = connection.Producer()

    def give_up() -> None:
        with producer.batch(max_size=10):
            for number in range(25):
                producer.publish(number, routing_key=fresh)
            connection.transport._publishers.get()._producer.flush(10)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    # The two full ones have gone, the rest was given up with the block.
    assert published(embedded_broker, fresh) == 20


def test_an_inner_batch_is_part_of_the_outer_one(
    connection: Connection, embedded_broker: str, fresh: str
) -> None:
    producer = connection.Producer()
    with producer.batch():
        with producer.batch() as inner:
            producer.publish("a", routing_key=fresh)
        assert published(embedded_broker, fresh) == 0
        with producer.batch() as inner:
            producer.publish("b", routing_key=fresh)
            inner.flush()
        assert published(embedded_broker, fresh) == 2
        producer.publish("c", routing_key=fresh)
    assert published(embedded_broker, fresh) == 3


def test_the_error_names_the_messages_that_failed_and_the_others_are_there(
    connection: Connection, embedded_broker: str, fresh: str
) -> None:
    producer = connection.Producer()
    headers = {"task": "t", "id": "the-large-one"}

    def publish() -> None:
        with producer.batch():
            producer.publish("small", routing_key=fresh)
            producer.publish("x" * 3000, routing_key=fresh, headers=headers)
            producer.publish("small", routing_key=fresh)

    with pytest.raises(BatchError) as caught:
        publish()
    [failure] = caught.value.failures
    assert (failure.number, failure.topic, failure.task_id) == (1, fresh, "the-large-one")
    assert "Message size too large" in failure.reason
    assert f"did not take 1 of 3 messages: message 1 for {fresh}, task the-large-one" in str(
        caught.value
    )
    assert isinstance(caught.value, PublishError | BatchPublishError)
    assert published(embedded_broker, fresh) == 2


def test_tasks_and_groups_of_celery_go_through_a_batch(embedded_broker: str, fresh: str) -> None:
    bridge.transport.register()
    app = Celery(broker=f"kafka://{embedded_broker}", set_as_current=False)
    app.conf.update(broker_transport_options={"topic_creation": "auto"}, task_default_queue=fresh)

    # Or every application in this process had it.
    @app.task(shared=False)  # type: ignore[untyped-decorator]  # celery is untyped
    def nothing(_number: int) -> None:
        """Never run here."""

    with app.producer_pool.acquire(block=True) as producer, producer.batch():
        nothing.apply_async((0,), producer=producer)
        group(nothing.s(number) for number in range(4)).apply_async(producer=producer)
        assert published(embedded_broker, fresh) == 0
    assert published(embedded_broker, fresh) == 5
    app.close()


class Channel:
    """Puts whatever is published on one topic."""

    def basic_publish(self, message: Mapping[str, bytes], batch: Batch) -> None:
        batch.add("topic", Outgoing(None, message["body"], ()))


class Sender:
    """Keeps what is sent and answers some of it."""

    patience = 0.02

    def __init__(self, answers: Mapping[bytes, str | None]) -> None:
        self.answers = answers
        self.sent: list[bytes] = []
        self.open: list[Done] = []
        self.forgotten: set[str] = set()

    def ensure(self, _topic: str) -> None:
        """Each topic is there."""

    def send(self, _topic: str, message: Outgoing, done: Done) -> None:
        self.sent.append(message.value)
        if message.value in self.answers:
            done(self.answers[message.value])
        else:
            self.open.append(done)

    def forget(self, topics: Iterable[str]) -> None:
        self.forgotten.update(topics)


def batch_of(sender: Sender, max_size: int = 1000) -> Batch:
    return Batch(
        Channel(), lambda: sender,
        max_size=max_size, brokers="one:1", on_failure=lambda: sender.forgotten.add("all"),
    )  # fmt: skip


def test_a_message_of_which_nothing_is_heard_has_failed() -> None:
    sender = Sender({b"0": None})
    batch = batch_of(sender)
    for number in range(5):
        batch.publish({"body": str(number).encode()})
    with pytest.raises(BatchError, match=r"4 of 5 .*message 1 for topic: no conf.*; and 1 more$"):
        batch.flush()
    assert sender.forgotten == {"topic", "all"}
    batch.close()


def test_a_chunk_waits_for_the_one_before_it_and_reports_its_failures() -> None:
    sender = Sender({b"first": "no room"})
    batch = batch_of(sender, max_size=1)
    batch.publish({"body": b"first"})
    with pytest.raises(BatchError, match=r"1 of 2 messages: message 0 for topic: no room"):
        batch.publish({"body": b"second"})
    assert sender.sent == [b"first"]

    # Said once; who goes on nevertheless loses nothing.
    with pytest.raises(BatchError) as caught:
        batch.flush()
    assert [failure.reason for failure in caught.value.failures] == [SILENCE]
    assert sender.sent == [b"first", b"second"]
    batch.flush()


@pytest.mark.parametrize(
    ("name", "limit"), [("_MOST_MESSAGES", 2), ("_MOST_BYTES", 9)], ids=["messages", "bytes"]
)
def test_a_chunk_never_fills_the_queue_of_librdkafka(
    monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setattr(batches, name, limit)
    sender = Sender({})
    batch = batch_of(sender, max_size=1_000_000)
    batch.publish({"body": b"12345"})
    assert sender.sent == []
    batch.publish({"body": b"12345"})
    assert len(sender.sent) == 2


def test_answers_from_two_threads_at_once_end_the_wait() -> None:
    """Whichever answer comes last, the flush returns without using up its patience."""
    sender = Sender({})
    batch = batch_of(sender, max_size=2)
    for number in range(2):
        batch.publish({"body": str(number).encode()})
    threads = [threading.Thread(target=done, args=(None,)) for done in sender.open]
    for thread in threads:
        thread.start()
    sender.patience = 30.0
    began = time.monotonic()
    batch.flush()
    assert time.monotonic() - began < 15
    for thread in threads:
        thread.join()
