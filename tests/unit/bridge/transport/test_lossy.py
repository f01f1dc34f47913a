"""Events: sent without waiting, dropped where they cannot be, and counted."""

import os
import threading
import time
from collections.abc import Callable
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from bridge.transport import lossy as module
from bridge.transport.address import Address
from bridge.transport.lossy import Lossy
from bridge.transport.options import Creation, Options
from bridge.transport.topics import MissingTopicError
from bridge.transport.wire import Outgoing
from tests.kafka_server.broker import free_ports
from tests.waiting import wait_until

EVENT = Outgoing(b"worker.online", b"{}", (("name", b"value"),))
AUTO = Options(topic_creation=Creation.AUTO)


class ScriptedProducer:
    """A producer that takes events, or refuses them at once or later."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.taken: list[dict[str, Any]] = []
        self.late: list[KafkaError] = []
        self.flushed = 0.0

    def connect(self, config: dict[str, Any]) -> Producer:
        self.on_delivery = config["on_delivery"]
        assert config["delivery.report.only.error"]
        return cast("Producer", self)

    def produce(self, topic: str, **record: Any) -> None:  # noqa: ANN401 - as librdkafka's
        if self.refusal is not None:
            raise self.refusal
        self.taken.append({"topic": topic, **record})

    def poll(self, seconds: float) -> None:
        assert seconds == 0
        while self.late:
            self.on_delivery(self.late.pop(), None)

    def flush(self, seconds: float) -> None:
        self.flushed += seconds


def scripted(producer: ScriptedProducer, now: Callable[[], float] = time.monotonic) -> Lossy:
    return Lossy(AUTO, Address("one:1"), connect=producer.connect, now=now)


def test_an_event_gets_to_its_log(embedded_broker: str, fresh: str) -> None:
    """Also where its topic has first to be made."""
    lossy = Lossy(AUTO, Address(embedded_broker))
    lossy.send(fresh, EVENT)
    lossy.flush(10)
    consumer = Consumer({"bootstrap.servers": embedded_broker, "group.id": fresh})
    consumer.assign([TopicPartition(fresh, 0, 0)])
    record = consumer.poll(10)
    consumer.close()
    assert record is not None
    assert (record.key(), record.value()) == (EVENT.key, EVENT.value)
    assert lossy.dropped == 0


def test_a_broker_that_is_away_costs_no_time() -> None:
    [port] = free_ports(1)
    lossy = Lossy(AUTO, Address(f"127.0.0.1:{port}"))
    began = time.monotonic()
    for _ in range(100):
        lossy.send("any", EVENT)
    assert time.monotonic() - began < 1


def test_a_full_queue_drops_and_counts(caplog: pytest.LogCaptureFixture) -> None:
    [port] = free_ports(1)
    options = Options(
        topic_creation=Creation.AUTO, kafka_producer={"queue.buffering.max.messages": 10}
    )
    lossy = Lossy(options, Address(f"127.0.0.1:{port}"))
    for _ in range(15):
        lossy.send("any", EVENT)
    assert lossy.dropped == 5
    assert f"Kafka at 127.0.0.1:{port} did not get 1 events" in caplog.text


def test_an_event_that_is_too_large_is_dropped_and_the_next_is_not() -> None:
    producer = ScriptedProducer(KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)))
    lossy = scripted(producer)
    lossy.send("any", EVENT)
    producer.refusal = None
    lossy.send("any", EVENT)
    assert lossy.dropped == len(producer.taken) == 1


def test_losses_are_said_now_and_then_with_their_number(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    producer = ScriptedProducer()
    lossy = scripted(producer, lambda: clock[0])
    for _ in range(3):
        producer.late.append(KafkaError(KafkaError._MSG_TIMED_OUT))
        lossy.send("any", EVENT)
    clock[0] = 61.0
    producer.late.append(KafkaError(KafkaError._MSG_TIMED_OUT))
    lossy.send("any", EVENT)
    said = [line.getMessage().split(":1 ")[1] for line in caplog.records]
    assert [line.split(" events")[0] for line in said] == ["did not get 1", "did not get 3"]
    assert lossy.dropped == 4


def test_a_topic_is_seen_to_once_and_again_where_it_could_not_be_made(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock = [0.0]
    lossy = scripted(ScriptedProducer(), lambda: clock[0])
    asked = threading.Semaphore(0)
    outcomes: list[Exception | None] = [MissingTopicError("no topic"), None]

    def ensure(names: list[str]) -> None:
        asked.release()
        assert names == ["any"]
        if (outcome := outcomes.pop(0)) is not None:
            raise outcome

    monkeypatch.setattr(lossy._topics, "ensure", ensure)
    lossy.send("any", EVENT)
    assert asked.acquire(timeout=10)
    wait_until(lambda: lossy._look_at["any"] == 5.0)
    lossy.send("any", EVENT)
    clock[0] = 5.0
    lossy.send("any", EVENT)
    assert asked.acquire(timeout=10)
    clock[0] = 1e9
    lossy.send("any", EVENT)
    assert not outcomes
    assert "Events are dropped: no topic" in caplog.text


def test_a_process_shares_its_producer_and_waits_for_it_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine, parents = ScriptedProducer(), ScriptedProducer()
    monkeypatch.setattr(module, "_all", {(os.getpid() + 1, "x"): scripted(parents)})
    monkeypatch.setattr(module, "Lossy", lambda *_: scripted(mine))
    first = module.Shared(AUTO, Address("one:1")).get()
    assert module.Shared(AUTO, Address("one:1")).get() is first
    assert module.Shared(AUTO, Address("two:1")).get() is not first
    module.flush()
    assert mine.flushed == 2.0
    assert parents.flushed == 0.0
