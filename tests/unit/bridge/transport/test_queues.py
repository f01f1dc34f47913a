"""Counting, purging and deleting queues through kombu, on both brokers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

import bridge.transport
from bridge.transport.errors import UnsupportedError
from tests.kafka_fixtures import Broker


class Line:
    """A connection, and a simple queue of its own."""

    def __init__(self, broker: Broker, name: str, **options: Any) -> None:  # noqa: ANN401 - any option
        bridge.transport.register()
        self.name = name
        self.broker = broker
        self.connection = Connection(
            f"kafka://{broker.address}",
            transport_options={
                "topic_creation": broker.topic_creation,
                "group_id": name,
                "session_timeout": 3,
                "commit_interval": 0.05,
                "partitions": 4,
                **options,
            },
        )
        self.queue = self.connection.SimpleQueue(name)

    def close(self) -> None:
        self.queue.close()
        self.connection.close()


@pytest.fixture
def line(broker: Broker, fresh: str) -> Iterator[Line]:
    line = Line(broker, fresh)
    yield line
    line.close()


def test_a_queue_counts_what_is_not_acknowledged(line: Line) -> None:
    """With a member in the group; what is handed out waits until it is acknowledged."""
    assert line.queue.qsize() == 0
    for number in range(5):
        line.queue.put(number)
    assert line.queue.qsize() == 5

    messages = [line.queue.get(timeout=30) for _ in range(5)]
    assert line.queue.qsize() == 5
    for message in messages[1:]:
        message.ack()
    transport = line.connection.transport
    transport._intake.close()
    assert line.queue.qsize() == 1


def test_a_passive_declaration_of_a_missing_queue_is_not_found(line: Line, fresh: str) -> None:
    channel = line.connection.default_channel
    with pytest.raises(ChannelError, match=f"NOT_FOUND - no queue '{fresh}-none'"):
        channel.queue_declare(f"{fresh}-none", passive=True)
    line.queue.put("x")
    other = Line(line.broker, line.name)
    declared = other.connection.default_channel.queue_declare(line.name, passive=True)
    assert tuple(declared) == (line.name, 1, 0)
    other.close()


def test_a_queue_without_name_gets_one(line: Line) -> None:
    assert line.connection.default_channel.queue_declare().queue.startswith("amq.gen-")


def test_purging_returns_how_many_and_leaves_later_ones(line: Line) -> None:
    for number in range(7):
        line.queue.put(number)
    assert line.queue.clear() == 7
    assert line.queue.clear() == 0
    line.queue.put("later")
    message = line.queue.get(timeout=30)
    assert message.payload == "later"
    message.ack()


def test_purging_under_a_worker(line: Line) -> None:
    """A broker that deletes messages does it, and the worker goes on; another one refuses."""
    line.queue.put("first")
    line.queue.get(timeout=30).ack()
    if not line.broker.has_administration:
        line.queue.put("more")
        with pytest.raises(UnsupportedError, match=f"workers of the group {line.name} read it"):
            line.queue.clear()
        return
    other = Line(line.broker, line.name)
    for number in range(20):
        other.queue.put(number)
    assert other.queue.clear() > 0
    other.queue.put("after")
    found = None
    while found != "after":
        message = line.queue.get(timeout=30)
        found = message.payload
        message.ack()
    other.close()


def test_a_queue_is_deleted_only_where_an_option_allows_it(line: Line) -> None:
    channel = line.connection.default_channel
    line.queue.put("x")
    with pytest.raises(UnsupportedError, match="set the transport option topic_deletion"):
        channel.queue_delete(line.name)
    assert channel.queue_delete(line.name, if_empty=True) == 0


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_deleted_queue_is_made_again_when_it_is_used(kafka: str, fresh: str) -> None:
    line = Line(Broker(kafka, has_administration=True), fresh, topic_deletion=True)
    line.queue.put("x")
    channel = line.connection.default_channel
    assert channel.queue_delete(fresh) == 1
    with pytest.raises(ChannelError, match="NOT_FOUND"):
        channel.queue_declare(fresh, passive=True)
    line.queue.put("y")
    assert channel.queue_declare(fresh, passive=True).message_count == 1
    line.close()


def test_a_single_message_cannot_be_fetched_by_itself(line: Line) -> None:
    with pytest.raises(UnsupportedError, match="use a consumer, or SimpleQueue"):
        line.queue.get_nowait()
