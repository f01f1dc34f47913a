"""Batches, what other tools see, and how fast a queue is emptied."""

from __future__ import annotations

import time
from typing import Any

from celery import group
from confluent_kafka import Consumer
from kombu import Connection, Queue

import bridge.transport
from tests.behaviour.transport.stage import Stage
from tests.kafka_fixtures import Broker

#: The fetcher takes up to 500 at once, however small the buffer.
MESSAGES = 3000
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_all_tasks_of_a_batch_run_once(stage: Stage) -> None:
    stage.worker("threads")

    @stage.app.task(name="note", shared=False)  # type: ignore[untyped-decorator]  # celery is untyped
    def task(_file: str, _text: str) -> None:
        """The worker has one of this name."""

    with stage.app.producer_pool.acquire(block=True) as producer, producer.batch(max_size=30):
        for number in range(50):
            task.apply_async((str(stage.notes), str(number)), producer=producer)
        members = [task.s(str(stage.notes), str(number)) for number in range(50, 100)]
        group(members).apply_async(producer=producer)

    stage.until(lambda: sum(stage.committed().values()) == 100)
    assert sorted(stage.noted(), key=int) == [str(number) for number in range(100)]


def test_other_tools_read_which_task_a_record_is(stage: Stage) -> None:
    stage.send("note", "a", "b", task_id="t-1", headers={"traceparent": TRACE}, message_key="run-1")
    options = {"bootstrap.servers": stage.broker.address, "group.id": f"{stage.queue}-look"}
    consumer = Consumer({**options, "auto.offset.reset": "earliest"})
    consumer.subscribe([stage.queue])
    deadline = time.monotonic() + 30
    while (record := consumer.poll(0.1)) is None or record.error():
        assert time.monotonic() < deadline
    consumer.close()

    headers = dict(record.headers() or [])
    assert record.key() == b"run-1"
    assert headers.pop("celery")
    assert headers == {
        "task-id": b"t-1", "task-name": b"note", "task-attempt": b"1",
        "traceparent": TRACE.encode(),
    }  # fmt: skip


def test_a_worker_that_is_often_full_still_works_without_a_break(
    broker: Broker, fresh: str
) -> None:
    """Pausing whenever its buffer is full would cost up to a second each time.

    Compared with one that is never full, since a busy machine makes both slow: about as long, and
    with such pauses more than 50 times as long on the embedded broker. The better of two.
    """
    bridge.transport.register()
    took: dict[int, list[float]] = {50: [], 2 * MESSAGES: []}
    for number in range(2):
        for size, seconds in took.items():
            seconds.append(_drained(broker, f"{fresh}-{number}-{size}", size))
    often_full, never_full = map(min, took.values())
    assert often_full < 10 * never_full


def _drained(broker: Broker, queue: str, size: int) -> float:
    """The seconds until everything was taken, with a buffer of this size."""
    options = {"topic_creation": broker.topic_creation, "buffer_size": size, "group_id": queue}
    taken: list[Any] = []

    def take(message: Any) -> None:  # noqa: ANN401 - kombu is untyped
        message.ack()
        taken.append(message.payload)

    with Connection(f"kafka://{broker.address}", transport_options=options) as connection:
        producer = connection.Producer()
        with producer.batch():
            for number in range(MESSAGES):
                producer.publish(number, routing_key=queue)
        with connection.Consumer([Queue(queue)], on_message=take, prefetch_count=10):
            connection.drain_events(timeout=30)
            began = time.monotonic()
            while len(taken) < MESSAGES:
                connection.drain_events(timeout=30)
            ended = time.monotonic()
    assert sorted(taken) == list(range(MESSAGES))
    return ended - began
