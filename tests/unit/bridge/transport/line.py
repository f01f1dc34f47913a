"""A connection to one queue, as kombu uses it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from kombu import Connection, Exchange, Queue
from kombu import Consumer as KombuConsumer

import bridge.transport


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


def dead_letters(line: Line, count: int) -> list[Any]:
    """Wait for so many dead letters and take them, as another worker would."""
    other = Line(line.address, f"{line.name}.dlq", kafka_consumer={})
    with other.consumer():
        other.drain_until(lambda: len(other.taken) == count)
    other.connection.close()
    return other.taken
