import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from bridge.transport import publisher
from bridge.transport.address import Address
from bridge.transport.errors import PublishError
from bridge.transport.options import Creation, Options
from bridge.transport.publisher import Publisher, Shared
from bridge.transport.wire import Outgoing
from tests.kafka_server.broker import free_ports

MESSAGE = Outgoing(b"key", b"body", (("name", b"value"),))
AUTO = Options(topic_creation=Creation.AUTO)


class DeafProducer:
    """Takes messages and confirms none, or refuses them."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal

    def produce(self, _topic: str, **_record: Any) -> None:  # noqa: ANN401 - as librdkafka's
        if self.refusal is not None:
            raise self.refusal

    def __len__(self) -> int:
        return 0

    def poll(self, seconds: float) -> int:
        time.sleep(min(seconds, 0.01))
        return 0


def deaf(monkeypatch: pytest.MonkeyPatch, refusal: Exception | None = None) -> Publisher:
    monkeypatch.setattr(publisher, "Producer", lambda _config: DeafProducer(refusal))
    monkeypatch.setattr(publisher, "_MARGIN_SECONDS", 0.0)
    return Publisher(Options(topic_creation=Creation.AUTO, publish_timeout=0.05), Address("one:1"))


def test_publishing_returns_when_the_broker_has_confirmed(embedded_broker: str, fresh: str) -> None:
    Publisher(AUTO, Address(embedded_broker)).publish(fresh, MESSAGE)


def test_a_message_that_is_too_large_is_refused_with_the_reason(
    embedded_broker: str, fresh: str
) -> None:
    options = Options(topic_creation=Creation.AUTO, max_message_bytes=2000)
    with pytest.raises(PublishError, match=f"{fresh} on Kafka at .* Message size too large"):
        Publisher(options, Address(embedded_broker)).publish(fresh, Outgoing(None, b"x" * 3000, ()))


def test_a_broker_that_is_away_is_given_up_within_the_limit() -> None:
    [port] = free_ports(1)
    options = Options(topic_creation=Creation.AUTO, publish_timeout=1)
    began = time.monotonic()
    with pytest.raises(PublishError, match="timed out"):
        Publisher(options, Address(f"127.0.0.1:{port}")).publish("any", MESSAGE)
    assert time.monotonic() - began < 2.5


def test_a_missing_topic_is_a_publish_error(embedded_broker: str, fresh: str) -> None:
    options = Options(topic_creation=Creation.VERIFY)
    with pytest.raises(PublishError, match=f"has no topic {fresh}"):
        Publisher(options, Address(embedded_broker)).publish(fresh, MESSAGE)


def test_silence_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PublishError, match="no confirmation in time; it may still get there"):
        deaf(monkeypatch).publish("any", MESSAGE)


def test_a_full_queue_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PublishError, match="Queue full"):
        deaf(monkeypatch, BufferError()).publish("any", MESSAGE)


def test_after_a_fatal_error_there_is_a_new_producer(monkeypatch: pytest.MonkeyPatch) -> None:
    fatal = KafkaException(KafkaError(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, "lost", fatal=True))
    deaf(monkeypatch, fatal)
    shared = Shared(AUTO, Address("fatal:1"))
    first = shared.get()
    with pytest.raises(PublishError, match="lost"):
        first.publish("any", MESSAGE)

    assert shared.get() is not first
    first._thread.join(10)
    assert not first._thread.is_alive()


def test_connections_share_a_producer_but_processes_and_users_do_not(
    embedded_broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Shared(AUTO, Address(embedded_broker))
    mine = here.get()
    assert Shared(AUTO, Address(embedded_broker)).get() is mine
    assert Shared(AUTO, Address(embedded_broker, password="x")).get() is not mine

    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert here.get() is not mine


def test_two_threads_that_come_first_get_the_same_producer(embedded_broker: str) -> None:
    shared = Shared(AUTO, Address(embedded_broker, username="", password="two"))
    key = (os.getpid(), shared._key)
    first = shared._made(key)
    assert shared._made(key) is first is shared.get()


def test_threads_publish_at_once_and_each_hears_of_its_own_message(
    embedded_broker: str, fresh: str
) -> None:
    options = Options(topic_creation=Creation.AUTO, max_message_bytes=2000)
    publish = Publisher(options, Address(embedded_broker)).publish
    refused = Outgoing(None, b"x" * 3000, ())
    messages = [MESSAGE, refused] * 8
    with ThreadPoolExecutor(len(messages)) as pool:
        outcomes = [pool.submit(publish, fresh, message).exception for message in messages]
        errors = [outcome(30) for outcome in outcomes]

    assert errors[::2] == [None] * 8
    assert all("Message size too large" in str(error) for error in errors[1::2])
