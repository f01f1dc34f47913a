"""The producer of a process: confirmed publishing, one thread that hears the confirmations.

Connections share one producer per configuration, since connecting costs more than a message. A
forked child makes its own and never touches its parent's, which would hang.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final, TypeAlias

from confluent_kafka import KafkaError, KafkaException, Producer

from bridge.transport.address import Address
from bridge.transport.errors import PublishError
from bridge.transport.options import Options
from bridge.transport.topics import MissingTopicError, Topics
from bridge.transport.wire import Outgoing

#: Called once, from any thread, with nothing or with why the message is not on its topic.
Done: TypeAlias = Callable[[str | None], None]

#: How often an idle producer looks for log lines and errors.
_IDLE_SECONDS: Final = 5.0
_BUSY_SECONDS: Final = 0.5
#: librdkafka gives up within this time after its limit; see `Options.producer`.
_MARGIN_SECONDS: Final = 1.0


class Publisher:
    """An idempotent producer. Thread-safe."""

    def __init__(self, options: Options, address: Address) -> None:
        self._options = options
        self._address = address
        self._topics = Topics(options, address)
        self._producer = Producer(options.producer(address))
        self._in_flight = 0
        self._changed = threading.Condition()
        #: After a fatal error librdkafka's producer takes nothing more.
        self.is_broken = False
        self._thread = threading.Thread(target=self._serve, name="kafka-publisher", daemon=True)
        self._thread.start()

    def publish(self, topic: str, message: Outgoing) -> None:
        """Publish and wait for all replicas; raises PublishError within the limit."""
        try:
            self._topics.ensure([topic])
        except MissingTopicError as error:
            raise PublishError(str(error)) from error
        outcome = _Outcome()
        self.send(topic, message, outcome.set)
        if not outcome.known.wait(self._options.publish_timeout + _MARGIN_SECONDS):
            outcome.set("no confirmation in time; it may still get there")
        if outcome.reason is not None:
            raise PublishError(
                f"{topic} on Kafka at {self._address.brokers} did not take a message: "
                f"{outcome.reason}"
            )

    def send(self, topic: str, message: Outgoing, done: Done) -> None:
        """Publish without waiting; `done` hears the outcome."""
        with self._changed:
            self._in_flight += 1
            self._changed.notify_all()
        try:
            self._producer.produce(
                topic,
                value=message.value,
                key=message.key,
                headers=list(message.headers),
                on_delivery=lambda error, _: self._settle(done, error),
            )
        except BufferError:
            self._settle(done, KafkaError(KafkaError._QUEUE_FULL))  # noqa: SLF001 - its public name
        except KafkaException as error:
            self._settle(done, error.args[0])

    def _settle(self, done: Done, error: KafkaError | None) -> None:
        with self._changed:
            self._in_flight -= 1
            self.is_broken = self.is_broken or (error is not None and error.fatal())
            self._changed.notify_all()
        done(None if error is None else error.str())

    def _serve(self) -> None:
        while not self.is_broken or self._in_flight:
            with self._changed:
                self._changed.wait_for(lambda: self._in_flight or self.is_broken, _IDLE_SECONDS)
            self._producer.poll(_BUSY_SECONDS if self._in_flight else 0)


class _Outcome:
    def __init__(self) -> None:
        self.known = threading.Event()
        self.reason: str | None = None

    def set(self, reason: str | None) -> None:
        self.reason = reason
        self.known.set()


_lock = threading.Lock()
#: By process too: what a parent made stays referenced in its child, since collecting it would hang.
_publishers: dict[tuple[int, str], Publisher] = {}


def shared(options: Options, address: Address) -> Publisher:
    """The publisher of this process for a configuration."""
    key = (os.getpid(), repr((options, address, address.password)))
    with _lock:
        publisher = _publishers.get(key)
        if publisher is None or publisher.is_broken:
            publisher = _publishers[key] = Publisher(options, address)
        return publisher
