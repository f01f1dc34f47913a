"""Publishes domain events: asynchronously, and confirmed by all replicas when flushed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from app.errors import InvalidInputError, UnavailableError
from app.messages.events import Envelope
from bridge.kafka import clients

#: How long to wait for room when librdkafka's own queue is full.
_ROOM_SECONDS: Final = 0.1
_LATE: Final = KafkaError._MSG_TIMED_OUT  # noqa: SLF001 - its public name


class EventProducer:
    """An idempotent producer of domain events; raises InvalidInputError as `clients.made` does.

    Events of one key keep their order. What `publish` took is only certain to be on the topic once
    `flush` has returned. Thread-safe; not to be carried over a fork.
    """

    def __init__(self, brokers: str, *, options: clients.Options | None = None) -> None:
        self._brokers = brokers
        self._trouble = clients.heard()
        self._producer = clients.made(
            Producer, {**clients.producer(brokers, options), "error_cb": self._trouble.hear}
        )
        self._failures: list[tuple[str, KafkaError]] = []

    def publish(self, topic: str, envelope: Envelope) -> None:
        """Hand an event over for delivery; see `produce`."""
        self.produce(
            topic, key=envelope.key.encode(), value=envelope.body, headers=envelope.headers()
        )

    def produce(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> None:
        """Hand a record over for delivery; waits only while librdkafka's queue is full.

        Raises InvalidInputError where the record is larger than a topic takes, UnavailableError
        where there is no room within the delivery limit.
        """
        deadline = time.monotonic() + clients.DELIVERY_TIMEOUT_SECONDS
        while True:
            try:
                self._producer.produce(
                    topic, value=value, key=key, headers=list(headers), on_delivery=self._delivered
                )
            except BufferError as error:
                if time.monotonic() > deadline:
                    raise self._unavailable("no room for more events") from error
                self._producer.poll(_ROOM_SECONDS)
            except KafkaException as error:
                raise self._refused(topic, error) from error
            else:
                self._producer.poll(0)
                return

    def flush(self, timeout: float = clients.DELIVERY_TIMEOUT_SECONDS) -> None:
        """Wait until the broker has confirmed everything that was published.

        Raises UnavailableError where something was refused since the last flush, or is still
        unconfirmed after `timeout` seconds; it may or may not reach its topic then. Raises
        InvalidInputError where a record is larger than the broker takes.
        """
        waiting = self._producer.flush(timeout)
        failures, self._failures = self._failures, []
        for topic, error in failures:
            if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
                raise InvalidInputError("An event is larger than the broker takes.", where=topic)
        if failures:
            topic, error = failures[0]
            first = f"{topic}: {self._trouble.because(error)}"
            raise self._unavailable(f"{len(failures)} events refused, the first: {first}")
        if waiting:
            said = f"{waiting} events unconfirmed after {timeout:g} s"
            raise self._unavailable(self._trouble.because(KafkaError(_LATE, said)))

    def serve(self) -> None:
        """Hear what librdkafka has to say; returns at once.

        For who seldom publishes: a client whose broker is away has several complaints a second, and
        keeps them all until they are heard.
        """
        self._producer.poll(0)

    def close(self) -> None:
        """Give up the connections; what is not flushed is dropped."""
        self._producer.purge()
        self._producer.flush(1)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._failures.append((str(message.topic()), error))

    def _refused(self, topic: str, error: KafkaException) -> InvalidInputError | UnavailableError:
        reason: KafkaError = error.args[0]
        if reason.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            return InvalidInputError(
                f"An event is larger than {clients.MAX_MESSAGE_BYTES} bytes.", where=topic
            )
        return self._unavailable(f"{topic}: {reason.str()}")

    def _unavailable(self, reason: str) -> UnavailableError:
        return UnavailableError(f"Kafka took not every event: {reason}.", where=self._brokers)
