"""Publishing ahead: through kombu on the embedded broker, and with a sender of our own."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator

import pytest
from kombu import Connection

import bridge.transport
from bridge.transport import ahead as aheads
from bridge.transport.ahead import Ahead
from bridge.transport.errors import BatchError, PublishError
from bridge.transport.publisher import Done
from bridge.transport.wire import TASK_ID, Outgoing
from tests.shared_material import ROOT
from tests.unit.bridge.transport.test_batch import published

OPTIONS = {"topic_creation": "auto", "max_message_bytes": 2000, "publish_ahead": 100}


@pytest.fixture
def connection(embedded_broker: str) -> Iterator[Connection]:
    bridge.transport.register()
    with Connection(f"kafka://{embedded_broker}", transport_options=OPTIONS) as connection:
        yield connection


def test_all_messages_are_there_when_the_connection_is_closed(
    connection: Connection, embedded_broker: str, fresh: str
) -> None:
    producer = connection.Producer()
    for number in range(500):
        producer.publish(number, routing_key=fresh)
    connection.close()
    assert published(embedded_broker, fresh) == 500


def test_a_refused_message_raises_at_once_and_is_named(connection: Connection, fresh: str) -> None:
    producer = connection.Producer()
    producer.publish("small", routing_key=fresh)
    with pytest.raises(BatchError, match=r"1 of 2 messages: message 1 for .*too large"):
        producer.publish("x" * 3000, routing_key=fresh)
    producer.publish("small", routing_key=fresh)


def test_what_is_on_its_way_when_the_interpreter_ends_gets_there(
    embedded_broker: str, fresh: str
) -> None:
    script = f"""
        import bridge.transport
        from kombu import Connection
        bridge.transport.register()
        connection = Connection("kafka://{embedded_broker}", transport_options={OPTIONS})
        producer = connection.Producer()
        for number in range(50):
            producer.publish(number, routing_key="{fresh}")
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, check=True)
    assert published(embedded_broker, fresh) == 50


class Sender:
    """Answers what is sent when it is told to."""

    def __init__(self, patience: float = 5.0) -> None:
        self.patience = patience
        self.open: list[Done] = []
        self.forgotten: set[str] = set()

    def ensure(self, topic: str) -> None:
        if topic == "none":
            raise PublishError("There is no such topic.")

    def send(self, _topic: str, _message: Outgoing, done: Done) -> None:
        self.open.append(done)

    def forget(self, topics: Iterable[str]) -> None:
        self.forgotten.update(topics)

    def ahead(self, most: int = 10) -> Ahead:
        return Ahead(
            lambda: self, most=most, brokers="one:1", on_failure=lambda: self.forgotten.add("all")
        )


def message(task_id: str = "") -> Outgoing:
    return Outgoing(None, b"body", ((TASK_ID, task_id.encode()),) if task_id else ())


def test_a_failure_is_raised_by_the_next_publishing_which_then_sends_nothing() -> None:
    sender = Sender()
    ahead = sender.ahead()
    ahead.publish("topic", message("t-1"))
    ahead.publish("topic", message("t-2"))
    sender.open.pop(0)("no room")
    with pytest.raises(BatchError, match="1 of 2 messages: message 0 for topic, task t-1: no room"):
        ahead.publish("topic", message("t-3"))
    assert len(sender.open) == 1
    assert sender.forgotten == {"topic", "all"}
    # Said once.
    ahead.publish("topic", message("t-3"))
    for done in sender.open:
        done(None)
    ahead.close()


def test_a_topic_that_is_not_there_raises_and_nothing_is_on_its_way() -> None:
    ahead = Sender().ahead()
    with pytest.raises(PublishError, match="no such topic"):
        ahead.publish("none", message())
    ahead.close()


def test_publishing_waits_while_the_most_are_on_their_way() -> None:
    sender = Sender(patience=60)
    ahead = sender.ahead(most=1)
    ahead.publish("topic", message())
    second = threading.Thread(target=ahead.publish, args=("topic", message()))
    second.start()
    second.join(0.05)
    assert len(sender.open) == 1
    sender.open[0](None)
    second.join(60)
    assert len(sender.open) == 2
    sender.open[1](None)
    ahead.close()


def test_where_nothing_is_heard_publishing_raises_and_closing_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sender = Sender(patience=0.02)
    ahead = sender.ahead(most=1)
    ahead.publish("topic", message())
    with pytest.raises(PublishError, match="topic on Kafka at one:1 takes nothing more: no conf"):
        ahead.publish("topic", message())
    with caplog.at_level(logging.ERROR):
        aheads.flush()
    assert "Kafka at one:1: 1 messages: no confirmation in time" in caplog.text


def test_what_fails_last_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    sender = Sender()
    ahead = sender.ahead()
    ahead.publish("topic", message("t-1"))
    sender.open[0]("no room")
    with caplog.at_level(logging.ERROR):
        ahead.close()
    assert "one:1 did not take message 0 for topic, task t-1: no room" in caplog.text


def test_a_forked_child_waits_for_nothing_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender(patience=0.02)
    ahead = sender.ahead(most=1)
    ahead.publish("topic", message())
    monkeypatch.setattr(os, "getpid", lambda: -1)
    ahead.close()
    ahead.publish("topic", message())
    sender.open[1](None)
    ahead.close()
