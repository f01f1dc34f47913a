"""Publishing that never waits and may lose: for events, which tell of work and are none.

A producer of its own with a small queue: while brokers are away, or when more is told than they
take, events are dropped and counted, and tasks find their producer's queue empty.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer

from bridge.transport import clients, trouble
from bridge.transport.address import Address
from bridge.transport.options import Config, Options
from bridge.transport.topics import MissingTopicError, Topics
from bridge.transport.wire import Outgoing

_log = logging.getLogger(__name__)

#: How often at most it is said that events were dropped.
_SAY_SECONDS: Final = 60.0
#: Between two attempts to make a topic.
_RETRY_SECONDS: Final = 5.0
#: What the end of a process or a connection waits for events to be sent.
_FLUSH_SECONDS: Final = 1.0


class Lossy:
    """A producer of events. Thread-safe."""

    def __init__(
        self,
        options: Options,
        address: Address,
        *,
        connect: Callable[[Config], Producer] = Producer,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options
        self._address = address
        self._now = now
        self._topics = Topics(options, address)
        #: When to see again to a topic that could not be made; never for one that is there.
        self._look_at: dict[str, float] = {}
        self._lock = threading.Lock()
        #: Events that were not sent, or not taken.
        self.dropped = 0
        self._said = 0
        self._say_at = 0.0
        self._trouble = trouble.Trouble()
        self._producer = clients.made(
            connect,
            {
                **options.lossy(address),
                "error_cb": self._trouble.hear,
                "on_delivery": lambda error, _: self._drop(self._trouble.because(error)),
            },
        )

    def send(self, topic: str, message: Outgoing) -> None:
        """Tell an event, or drop it; returns at once and never raises."""
        self._see_to(topic)
        try:
            self._producer.produce(
                topic, value=message.value, key=message.key, headers=list(message.headers),
                partition=0,
            )  # fmt: skip
        except BufferError:
            full = KafkaError(KafkaError._QUEUE_FULL)  # noqa: SLF001 - its public name
            self._drop(self._trouble.because(full))
        except KafkaException as error:
            self._drop(self._trouble.because(trouble.of(error)))
        # Serves the errors of earlier events, and librdkafka's log lines.
        self._producer.poll(0)

    def flush(self, seconds: float = _FLUSH_SECONDS) -> None:
        """Wait a little for what is on its way."""
        self._producer.flush(seconds)

    def _drop(self, reason: str) -> None:
        with self._lock:
            self.dropped += 1
            if self._now() < self._say_at:
                return
            self._say_at = self._now() + _SAY_SECONDS
            lost, self._said = self.dropped - self._said, self.dropped
        _log.warning("Kafka at %s did not get %d events: %s", self._address.brokers, lost, reason)

    def _see_to(self, topic: str) -> None:
        """Have the topic made by a thread; events for it wait in the producer meanwhile."""
        with self._lock:
            if self._now() < self._look_at.get(topic, 0.0):
                return
            self._look_at[topic] = float("inf")
        threading.Thread(target=self._make, args=(topic,), name="kafka-events", daemon=True).start()

    def _make(self, topic: str) -> None:
        try:
            self._topics.ensure([topic])
        except MissingTopicError as error:
            _log.warning("Events are dropped: %s", error)
            with self._lock:
                self._look_at[topic] = self._now() + _RETRY_SECONDS


_lock = threading.Lock()
#: By process too: what a parent made stays referenced in its child, since collecting it would hang.
_all: dict[tuple[int, str], Lossy] = {}


class Shared:
    """The way to the producer of events that a process has for a configuration."""

    def __init__(self, options: Options, address: Address) -> None:
        self._options = options
        self._address = address
        self._key = repr((options.identity(), address, address.password, address.tls))

    def get(self) -> Lossy:
        """The producer, a new one in a forked child."""
        key = (os.getpid(), self._key)
        with _lock:
            lossy = _all.get(key)
            if lossy is None:
                lossy = _all[key] = Lossy(self._options, self._address)
            return lossy


@atexit.register
def flush() -> None:
    """Wait a little for the events of this process."""
    for (process, _), lossy in list(_all.items()):
        if process == os.getpid():
            lossy.flush()
