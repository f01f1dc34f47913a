"""The transport as kombu uses it, on the embedded broker."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection, Iterator

import pytest
from confluent_kafka import Message as Record
from confluent_kafka import Producer
from kombu import transport as kombu_transports
from kombu.asynchronous import Hub
from kombu.exceptions import DecodeError

import bridge.transport
from bridge.transport import wire
from bridge.transport.address import Address
from bridge.transport.backlog import Shelf
from bridge.transport.errors import (
    ConsumerLostError,
    UnsupportedError,
)
from bridge.transport.ledger import Delivery
from bridge.transport.options import Options
from bridge.transport.transport import Transport
from bridge.transport.watch import Condemn
from tests.unit.bridge.transport.line import Line, dead_letters


@pytest.fixture
def line(embedded_broker: str, fresh: str) -> Iterator[Line]:
    line = Line(embedded_broker, fresh)
    yield line
    line.connection.close()


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
