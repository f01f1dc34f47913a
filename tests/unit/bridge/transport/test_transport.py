"""The transport as kombu uses it, on the embedded broker."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message as Record
from confluent_kafka import Producer
from kombu import Connection, Exchange, Queue
from kombu import Consumer as KombuConsumer
from kombu import transport as kombu_transports
from kombu.asynchronous import Hub
from kombu.exceptions import DecodeError

import bridge.transport
from bridge.transport import wire
from bridge.transport.address import Address
from bridge.transport.backlog import Shelf
from bridge.transport.errors import (
    BrokerAwayError,
    ConsumerLostError,
    OptionError,
    PublishError,
    UnsupportedError,
)
from bridge.transport.ledger import Delivery
from bridge.transport.options import Options
from bridge.transport.transport import Transport
from bridge.transport.watch import Condemn
from tests.kafka_fixtures import embedded
from tests.kafka_server.broker import free_ports


class Line:
    """A connection to one queue of its own."""

    def __init__(self, address: str, name: str, **options: Any) -> None:  # noqa: ANN401 - any option
        bridge.transport.register()
        defaults = {"topic_creation": "auto", "group_id": name, "session_timeout": 1.5}
        self.connection = Connection(
            f"kafka://{address}", transport_options={**defaults, "commit_interval": 0.05, **options}
        )
        self.address = address
        self.name = name
        self.queue = Queue(name, Exchange(name), routing_key="key")
        self.producer = self.connection.Producer(exchange=self.queue.exchange, routing_key="key")
        self.queue(self.connection.default_channel).declare()
        self.taken: list[Any] = []

    def publish(self, *bodies: object, **options: Any) -> None:  # noqa: ANN401 - kombu's
        for body in bodies:
            self.producer.publish(body, **options)

    def consumer(self, **options: Any) -> KombuConsumer:  # noqa: ANN401 - kombu's
        return self.connection.Consumer([self.queue], on_message=self.taken.append, **options)

    def drain_until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, self.taken
            try:
                self.connection.drain_events(timeout=0.05)
            except TimeoutError:
                continue

    def bodies(self) -> list[Any]:
        return [message.decode() for message in self.taken]


@pytest.fixture
def line(embedded_broker: str, fresh: str) -> Iterator[Line]:
    line = Line(embedded_broker, fresh)
    yield line
    line.connection.close()


def dead_letters(line: Line, count: int) -> list[Any]:
    """Wait for so many dead letters and take them, as another worker would."""
    other = Line(line.address, f"{line.name}.dlq", kafka_consumer={})
    with other.consumer():
        other.drain_until(lambda: len(other.taken) == count)
    other.connection.close()
    return other.taken


def test_the_name_kafka_means_this_transport() -> None:
    bridge.transport.register()
    assert kombu_transports.get_transport_cls("kafka") is Transport


def test_messages_come_out_as_they_went_in(line: Line) -> None:
    line.publish({"n": 1}, {"n": 2}, message_key="one", headers={"h": "x"})
    with line.consumer():
        line.drain_until(lambda: len(line.taken) == 2)

    assert line.bodies() == [{"n": 1}, {"n": 2}]
    assert line.taken[0].headers == {"h": "x"}
    assert line.taken[0].delivery_info["routing_key"] == "key"


def test_prefetch_bounds_what_is_out_and_room_is_used_at_once(line: Line) -> None:
    line.publish(*range(5), message_key="one")
    with line.consumer() as consumer:
        consumer.qos(prefetch_count=2)
        line.drain_until(lambda: len(line.taken) == 2)
        with pytest.raises(TimeoutError):
            line.connection.drain_events(timeout=0.2)
        line.taken[0].ack()
        line.connection.drain_events(timeout=0)
        assert len(line.taken) == 3
        consumer.qos(prefetch_count=3)
        line.drain_until(lambda: len(line.taken) == 4)


def test_what_is_acknowledged_is_not_delivered_to_the_next_one(line: Line) -> None:
    line.publish("a", "b", message_key="one")
    with line.consumer():
        line.drain_until(lambda: len(line.taken) == 2)
        line.taken[0].ack()
    line.connection.close()

    after = Line(line.address, line.name)
    with after.consumer():
        after.drain_until(lambda: after.taken)
    assert after.bodies() == ["b"]
    after.connection.close()


def test_a_requeued_message_comes_again_with_its_count(line: Line) -> None:
    line.publish("a")
    with line.consumer():
        line.drain_until(lambda: line.taken)
        line.taken[0].requeue()
        line.drain_until(lambda: len(line.taken) == 2)

    assert line.taken[1].delivery_info["delivery_count"] == 1
    assert line.taken[1].delivery_info["redelivered"] is True


def test_a_message_requeued_too_often_becomes_a_dead_letter(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh, max_deliveries=2)
    line.publish("a")
    with line.consumer():
        for times in (1, 2):
            line.drain_until(lambda times=times: len(line.taken) == times)  # type: ignore[misc]
            line.taken[-1].requeue()
    [letter] = dead_letters(line, 1)
    line.connection.close()

    headers = dict(letter.record.headers())
    assert headers["x-reason"] == b"requeued after 2 deliveries"
    assert letter.decode() == "a"


def test_a_rejected_message_becomes_a_dead_letter(line: Line) -> None:
    line.publish("a")
    with line.consumer():
        line.drain_until(lambda: line.taken)
        line.taken[0].reject()
    [letter] = dead_letters(line, 1)
    assert dict(letter.record.headers())["x-reason"] == b"rejected"


def test_acknowledging_what_could_not_be_decoded_does_not_lose_it(line: Line) -> None:
    """Celery acknowledges a message whose body it cannot decode."""
    line.publish("{", content_type="application/json", content_encoding="utf-8")
    with line.consumer():
        line.drain_until(lambda: line.taken)
        with pytest.raises(DecodeError):
            line.taken[0].decode()
        line.taken[0].ack()
    [letter] = dead_letters(line, 1)
    assert b"the body cannot be decoded" in dict(letter.record.headers())["x-reason"]


def test_a_foreign_record_becomes_a_dead_letter_and_the_next_is_handed_out(line: Line) -> None:
    producer = Producer({"bootstrap.servers": line.address})
    # Wherever the next one goes, it comes after a foreign one.
    for partition in producer.list_topics(line.name, timeout=10).topics[line.name].partitions:
        producer.produce(line.name, b"foreign", partition=partition)
    assert producer.flush(10) == 0
    line.publish("mine")
    with line.consumer():
        line.drain_until(lambda: line.taken)
        line.drain_until(lambda: not line.connection.transport._copies._waiting)
    assert line.bodies() == ["mine"]


def test_without_acknowledgement_a_message_is_finished_when_handed_out(line: Line) -> None:
    line.publish("a")
    with line.consumer(no_ack=True):
        line.drain_until(lambda: line.taken)
    assert line.taken[0].channel.qos._out == {}


def test_acknowledging_twice_or_too_late_changes_nothing(line: Line) -> None:
    line.publish("a")
    channel = line.connection.default_channel
    with line.consumer():
        line.drain_until(lambda: line.taken)
        tag = line.taken[0].delivery_tag
        channel.basic_ack(tag)
        channel.basic_ack(tag)
        channel.basic_reject(tag)
    channel.basic_cancel("no such consumer")
    transport = line.connection.transport
    line.connection.close()
    transport.finish(line.taken[0].delivery)
    transport.cancel(line.name)
    transport.wake()


def test_closing_leaves_the_unfinished_for_later(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="bridge.transport")
    line.publish("a")
    with line.consumer():
        line.drain_until(lambda: line.taken)
    line.connection.close()
    assert "1 unfinished messages will be delivered again" in caplog.text


def test_the_event_loop_is_woken_within_milliseconds(line: Line) -> None:
    hub = Hub()
    transport = line.connection.transport
    transport.register_with_event_loop(line.connection.connection, hub)
    with line.consumer():
        line.publish("first")
        line.drain_until(lambda: line.taken)
        waits = []
        for number in range(2, 7):
            began = time.monotonic()
            line.publish("next")
            while len(line.taken) < number:
                hub.run_once()
            waits.append(time.monotonic() - began)
    line.connection.close()
    assert not hub.readers
    hub.close()
    assert sorted(waits)[2] < 0.2, waits


def test_a_burst_lets_the_event_loop_have_its_turn(line: Line) -> None:
    line.publish(*range(150), message_key="one")
    fetched = line.connection.transport
    with line.consumer() as consumer:
        consumer.qos(prefetch_count=1)
        line.drain_until(lambda: line.taken)
        line.drain_until(lambda: len(fetched._backlog) == 149)
        consumer.qos(prefetch_count=0)
        for taken in (101, 150):
            fetched.on_readable(line.connection.connection, None)
            assert len(line.taken) == taken


def test_draining_hands_out_one_message_at_a_time(line: Line) -> None:
    """Those who wait for so many replies drain so many times."""
    line.publish("a", "b", message_key="one")
    with line.consumer() as consumer:
        consumer.qos(prefetch_count=1)
        line.drain_until(lambda: len(line.connection.transport._backlog) == 1)
        consumer.qos(prefetch_count=0)
        line.connection.drain_events(timeout=1)
        assert line.bodies() == ["a", "b"]


def test_a_queue_may_be_taken_up_again(line: Line) -> None:
    with line.consumer():
        line.publish("a")
        line.drain_until(lambda: len(line.taken) == 1)
    line.publish("b")
    with line.consumer():
        line.drain_until(lambda: len(line.taken) == 2)
    assert line.bodies() == ["a", "b"]


def test_a_queue_may_be_left_before_anything_was_consumed(line: Line) -> None:
    line.connection.transport.cancel(line.name)
    line.connection.transport.wake()
    with pytest.raises(TimeoutError):
        line.connection.drain_events(timeout=0)


def test_waiting_without_a_consumer_times_out(line: Line) -> None:
    with pytest.raises(socket.timeout):
        line.connection.drain_events(timeout=0)


def test_a_lost_consumer_is_an_error_that_reconnects(line: Line) -> None:
    transport = line.connection.transport
    with line.consumer():
        transport._intake.failure = RuntimeError("gone")
        with pytest.raises(ConsumerLostError, match=f"Kafka at {line.address} has ended: gone"):
            line.connection.drain_events(timeout=1)
        assert not line.connection.connected
    assert ConsumerLostError in transport.recoverable_connection_errors


def test_a_closed_connection_says_so(line: Line) -> None:
    transport = line.connection.transport
    line.connection.close()
    transport.close_connection(transport)
    with pytest.raises(ConsumerLostError, match="is closed"):
        transport.drain_events(transport)


def test_what_is_not_supported_is_refused_by_name(line: Line) -> None:
    channel = line.connection.default_channel
    with pytest.raises(UnsupportedError, match="'news' cannot be declared"):
        channel.exchange_declare("news", type="headers")
    assert not line.connection.supports_exchange_type("headers")


def test_the_url_is_shown_without_its_password() -> None:
    bridge.transport.register()
    connection = Connection("kafka://me:secret@one,two:1")
    assert connection.as_uri() == "kafka://me:**@one,two:1"
    assert "secret" in connection.as_uri(include_password=True)
    assert connection.transport.driver_version()
    silent = Connection(transport="kafka", hostname=None)
    assert silent.transport.address.brokers == "localhost:9092"
    assert silent.transport.default_connection_params == {"hostname": "kafka://localhost:9092"}


def test_where_there_are_several_urls_the_one_that_answers_is_taken(
    embedded_broker: str, fresh: str
) -> None:
    """Two brokers that are away, then a list whose second broker answers."""
    bridge.transport.register()
    away, other = free_ports(2)
    connection = Connection(
        f"kafka://127.0.0.1:{away},127.0.0.1:{other};kafka://127.0.0.1:{away},{embedded_broker}",
        transport_options={"topic_creation": "auto"},
    )
    failed: list[Exception] = []
    connection.ensure_connection(errback=lambda error, _: failed.append(error), max_retries=4)

    [error] = failed
    assert isinstance(error, BrokerAwayError)
    assert f"Kafka at 127.0.0.1:{away},127.0.0.1:{other}: " in str(error)
    assert "nothing listens there" in str(error)
    assert connection.as_uri() == f"kafka://127.0.0.1:{away},{embedded_broker}"
    connection.Producer().publish("x", routing_key=fresh)
    connection.close()


def test_after_a_failed_publication_the_next_one_goes_to_another_url(
    embedded_broker: str, fresh: str, tmp_path: Path
) -> None:
    bridge.transport.register()
    with embedded(tmp_path) as first:
        connection = Connection(
            f"kafka://{first};kafka://{embedded_broker}",
            transport_options={"topic_creation": "auto", "publish_timeout": 6},
        )
        connection.Producer().publish("x", routing_key=fresh)
        assert connection.as_uri() == f"kafka://{first}"
    with pytest.raises(PublishError, match=f"{fresh} on Kafka at {first} did not take"):
        connection.Producer().publish("x", routing_key=fresh)
    assert not connection.connected

    connection.Producer().publish("x", routing_key=fresh)
    assert connection.as_uri() == f"kafka://{embedded_broker}"
    connection.close()


def test_a_wrong_option_is_refused_at_once() -> None:
    bridge.transport.register()
    with pytest.raises(OptionError, match="patitions"):
        _ = Connection("kafka://one", transport_options={"patitions": 1}).transport


def test_a_high_priority_overtakes_and_a_low_one_still_comes(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh, priorities=3)
    line.publish(*[f"low {number}" for number in range(5)])
    line.publish(*[f"high {number}" for number in range(20)], priority=9)
    line.publish("middle", priority=1)
    with line.consumer() as consumer:
        consumer.qos(prefetch_count=1)
        line.drain_until(lambda: line.taken)
        line.drain_until(lambda: len(line.connection.transport._backlog) == 25)
        consumer.qos(prefetch_count=0)
        line.drain_until(lambda: len(line.taken) == 26)
    order = [body.split()[0] for body in line.bodies()[1:]]
    line.connection.close()
    assert order.index("high") < 2
    assert {"low", "middle"} < set(order[:18])
    assert order[-2:] == ["low"] * 2


def test_a_requeued_message_keeps_its_priority_and_a_rejected_one_finds_its_dead_letter(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh, priorities=3)
    line.publish("a", priority=2)
    with line.consumer():
        line.drain_until(lambda: line.taken)
        line.taken[0].requeue()
        line.drain_until(lambda: len(line.taken) == 2)
        assert line.taken[1].record.topic() == f"{fresh}.p2"
        line.taken[1].reject()
        [letter] = dead_letters(line, 1)
    line.connection.close()
    assert letter.properties["priority"] == 2
    assert dict(letter.record.headers())["x-origin-topic"] == f"{fresh}.p2".encode()


def test_a_queue_may_be_declared_with_its_highest_priority(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh)
    line.queue = Queue(fresh, line.queue.exchange, routing_key="key", max_priority=4)
    line.queue(line.connection.default_channel).declare()
    line.publish("a", priority=7)
    with line.consumer():
        line.drain_until(lambda: line.taken)
    line.connection.close()
    assert line.taken[0].record.topic() == f"{fresh}.p4"


def test_a_delayed_message_comes_after_its_delay(embedded_broker: str, fresh: str) -> None:
    line = Line(embedded_broker, fresh, topic_prefix="delayed")
    began = time.monotonic()
    line.publish("later", delay=1.2, message_key="one")
    with line.producer.batch():
        line.publish("later still", delay=1.3, message_key="one")
    line.publish("at once")
    with line.consumer():
        line.drain_until(lambda: len(line.taken) == 3)
    line.connection.close()
    assert line.bodies() == ["at once", "later", "later still"]
    assert time.monotonic() - began >= 1
    assert line.taken[1].record.topic() == f"delayed{fresh}"


def test_without_delays_nobody_looks_for_them(embedded_broker: str, fresh: str) -> None:
    line = Line(embedded_broker, fresh, delay_threshold=None)
    line.publish("a", delay=60)
    with line.consumer():
        line.drain_until(lambda: line.taken)
        assert line.connection.transport._mover is None
    line.connection.close()


def test_a_message_as_large_as_allowed_can_still_be_put_aside(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh, max_message_bytes=5000)
    with pytest.raises(PublishError, match=r"too large: .* at most 5000"):
        line.publish("x" * 5000)
    line.publish("x" * 4500)
    with line.consumer():
        line.drain_until(lambda: line.taken)
        line.taken[0].requeue()
        line.drain_until(lambda: len(line.taken) == 2)
        line.taken[1].channel.put_aside(
            line.taken[1].record, line.taken[1].delivery, "reason " * 1000
        )
        [letter] = dead_letters(line, 1)
    line.connection.close()
    assert letter.decode() == "x" * 4500
    assert letter.delivery_info["delivery_count"] == 0


class Given:
    """An intake as a share group's could be: no offsets, no commits, each message by itself."""

    def __init__(
        self,
        options: Options,
        address: Address,
        backlog: Shelf,
        *,
        on_ready: Callable[[], None],
        condemn: Condemn,
    ) -> None:
        assert callable(condemn)
        assert (options.topic_creation, address.brokers) == ("auto", "127.0.0.1:1")
        self.failure: Exception | None = None
        self.finished: list[int] = []
        self.followed: set[str] = set()
        self._shelf = backlog
        self._on_ready = on_ready

    def follow(self, topics: Collection[str]) -> None:
        for topic in set(topics) - self.followed:
            for offset in range(2):
                record = Record(topic, 0, offset, value=b"{}", headers=wire_headers())
                self._shelf.put(Delivery((topic, 0), offset, 1), record)
        self.followed |= set(topics)
        self._on_ready()

    def finish(self, delivery: Delivery) -> None:
        self.finished.append(delivery.offset)

    def close(self) -> None:
        self.followed.clear()


def wire_headers() -> list[tuple[str, str | bytes | None]]:
    """Those of a message that this transport published."""
    prepared = {
        "body": "{}",
        "headers": {},
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "properties": {"delivery_info": {}, "delivery_mode": 2},
    }
    return list(wire.encode(prepared).headers)


def test_another_intake_can_take_the_place_of_the_consumer_group(
    fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is behind the seam is all that knows of consumers; nothing listens on this port."""
    monkeypatch.setattr(Transport, "make_intake", Given)
    line = Line("127.0.0.1:1", fresh)
    with line.consumer():
        line.drain_until(lambda: len(line.taken) == 2)
        intake = line.connection.transport._intake
        assert isinstance(intake, Given)
        line.taken[1].ack()
        assert intake.finished == [1]
        assert intake.followed == {fresh}
    line.connection.close()
    assert not intake.followed
