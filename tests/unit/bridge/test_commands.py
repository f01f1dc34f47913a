"""Commands on their way to Celery's queues."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Literal

import pytest
from celery import Celery
from kombu import Exchange, Queue
from pydantic import SecretStr

from app.errors import InvalidInputError, UnavailableError
from app.messages.commands import Command
from app.settings import RunnerSettings
from bridge import broker
from bridge.commands import CommandPublisher


def settings(address: str, creation: Literal["create", "auto"]) -> RunnerSettings:
    return RunnerSettings(
        kafka_brokers=address,
        kafka_topic_creation=creation,
        secret_key=SecretStr("a secret key that is only for tests"),
    )


def received(
    known: RunnerSettings, name: str, messages: int = 1
) -> list[tuple[list[object], dict[str, object]]]:
    """The bodies and headers of the first messages of a queue."""
    celery = Celery("reader", broker=broker.url(known), set_as_current=False)
    celery.conf.broker_transport_options = broker.transport_options(known, name)
    queue = Queue(name, Exchange(name), routing_key=name)
    with celery.connection() as connection, connection.SimpleQueue(queue) as waiting:
        taken = [waiting.get(timeout=30) for _ in range(messages)]
        for message in taken:
            message.ack()
        return [(message.payload, message.headers) for message in taken]


def test_a_command_arrives_as_the_task_it_names(embedded_broker: str, fresh: str) -> None:
    known = settings(embedded_broker, "auto")
    command = Command("family.do", fresh, "k", {"sealed_shard": "x" * 40}, "task-1", "00-trace")
    with closing(CommandPublisher(known, process="test")) as publisher:
        publisher.publish([command])
    [(body, headers)] = received(known, fresh)
    assert body[:2] == [[], {"sealed_shard": "x" * 40}]
    assert headers["task"] == "family.do"
    assert headers["id"] == "task-1"
    assert headers["traceparent"] == "00-trace"
    assert "xxx" not in str(headers["kwargsrepr"])


def test_commands_of_one_key_keep_their_order(embedded_broker: str, fresh: str) -> None:
    known = settings(embedded_broker, "auto")
    commands = [Command("family.do", fresh, "k", {}, f"task-{number}") for number in range(20)]
    with closing(CommandPublisher(known, process="test")) as publisher:
        publisher.publish(commands[:15])
        publisher.publish(commands[15:])
    ids = [headers["id"] for _, headers in received(known, fresh, 20)]
    assert ids == [f"task-{number}" for number in range(20)]


def test_a_command_that_is_too_large_is_refused_for_good(embedded_broker: str, fresh: str) -> None:
    large = Command("family.do", fresh, "k", {"a": "x" * 3_000_000}, "task-1")
    with (
        closing(CommandPublisher(settings(embedded_broker, "auto"), process="test")) as publisher,
        pytest.raises(InvalidInputError, match="task task-1: Message size too large"),
    ):
        publisher.publish([Command("family.do", fresh, "k", {}, "task-0"), large])


def test_a_broker_that_is_away_is_an_error_within_a_limit() -> None:
    publisher = CommandPublisher(settings("127.0.0.1:1", "auto"), process="test")
    started = time.monotonic()
    with closing(publisher), pytest.raises(UnavailableError) as caught:
        publisher.publish([Command("family.do", "queue", "k", {}, "task-1")])
    assert caught.value.where == "queue"
    assert time.monotonic() - started < 25
