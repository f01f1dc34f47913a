"""The producer of a process: confirmed publishing, one thread that hears the confirmations.

Connections share one producer per configuration, since connecting costs more than a message. Any
number of threads publish at once, each waiting for its own messages only. A forked child makes its
own producer and never touches its parent's, which would hang.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from confluent_kafka import KafkaError, KafkaException, Producer

from bridge.transport import clients, trouble
from bridge.transport.address import Address
from bridge.transport.errors import PublishError
from bridge.transport.options import Options
from bridge.transport.topics import MissingTopicError, Topics
from bridge.transport.wire import Outgoing

_log = logging.getLogger(__name__)

#: Called once, from any thread, with nothing or with why the message is not on its topic.
Done: TypeAlias = Callable[[str | None], None]

#: Longest wait for a confirmation, which ends the wait at once; bounds how long an idle producer
#: does not look for log lines and errors.
_POLL_SECONDS: Final = 1.0
#: librdkafka gives up within this time after its limit; see `Options.producer`.
_MARGIN_SECONDS: Final = 1.0
#: In the reason of a message that no retry helps; librdkafka's words for what the broker refuses.
TOO_LARGE: Final = "Message size too large"
#: Why a message counts as failed that librdkafka says nothing of.
SILENCE: Final = "no confirmation in time; it may still get there"


class Publisher:
    """An idempotent producer. Thread-safe."""

    def __init__(self, options: Options, address: Address) -> None:
        self.address = address
        #: How long a message may take until its outcome is known.
        self.patience = options.publish_timeout + _MARGIN_SECONDS
        self._most_bytes = options.max_message_bytes
        self._topics = Topics(options, address)
        self._trouble = trouble.Trouble(self._tell)
        self._producer = clients.made(
            Producer, {**options.producer(address), "error_cb": self._trouble.hear}
        )
        #: After a fatal error librdkafka's producer takes nothing more.
        self.is_broken = False
        self._thread = threading.Thread(target=self._serve, name="kafka-publisher", daemon=True)
        self._thread.start()

    def publish(self, topic: str, message: Outgoing) -> None:
        """Publish and wait for all replicas; raises PublishError within the limit."""
        self.ensure(topic)
        outcome = _Outcome()
        self.send(topic, message, outcome.set)
        reason = outcome.reason if outcome.wait(self.patience) else SILENCE
        if reason is not None:
            self.forget([topic])
            raise PublishError(
                f"{topic} on Kafka at {self.address.brokers} did not take a message: {reason}"
            )

    def ensure(self, topic: str) -> None:
        """Make sure of a topic; blocks the first time. Raises PublishError."""
        try:
            self._topics.ensure((topic,))
        except MissingTopicError as error:
            raise PublishError(str(error)) from error

    def forget(self, topics: Iterable[str]) -> None:
        """Make sure anew that these topics exist, before the next message: they may be deleted."""
        for topic in topics:
            self._topics.forget(topic)

    def send(self, topic: str, message: Outgoing, done: Done, *, is_copy: bool = False) -> None:
        """Publish without waiting; `done` hears the outcome.

        A copy may be larger than `max_message_bytes`: it says where it comes from.
        """
        if not is_copy and message.size > self._most_bytes:
            done(f"{TOO_LARGE}: {message.size} bytes, at most {self._most_bytes}")
            return

        def answered(error: KafkaError | None, _record: object = None) -> None:
            if error is None:
                done(None)
            else:
                self.is_broken = self.is_broken or error.fatal()
                done(self._trouble.because(error))

        try:
            self._producer.produce(
                topic,
                value=message.value,
                key=message.key,
                headers=list(message.headers),
                on_delivery=answered,
            )
        except BufferError:
            answered(KafkaError(KafkaError._QUEUE_FULL))  # noqa: SLF001 - its public name
        except KafkaException as error:
            answered(error.args[0])

    def _tell(self, text: str) -> None:
        _log.warning("Kafka at %s: %s", self.address.brokers, text)

    def _serve(self) -> None:
        while not self.is_broken or len(self._producer):
            self._producer.poll(_POLL_SECONDS)


class _Outcome:
    """What became of one message; a bare lock, as an event costs more than the rest of sending."""

    __slots__ = ("_known", "reason")

    def __init__(self) -> None:
        self._known = threading.Lock()
        self._known.acquire()
        self.reason: str | None = None

    def set(self, reason: str | None) -> None:
        self.reason = reason
        self._known.release()

    def wait(self, seconds: float) -> bool:
        return self._known.acquire(timeout=seconds)


_lock = threading.Lock()
#: By process too: what a parent made stays referenced in its child, since collecting it would hang.
_publishers: dict[tuple[int, str], Publisher] = {}


class Shared:
    """The way to the publisher that a process has for a configuration."""

    def __init__(self, options: Options, address: Address) -> None:
        self._options = options
        self._address = address
        self._key = repr((options.identity(), address, address.password, address.tls))

    def get(self) -> Publisher:
        """The publisher, a new one in a forked child and after a fatal error."""
        key = (os.getpid(), self._key)
        found = _publishers.get(key)
        return self._made(key) if found is None or found.is_broken else found

    def _made(self, key: tuple[int, str]) -> Publisher:
        with _lock:
            found = _publishers.get(key)
            if found is None or found.is_broken:
                found = _publishers[key] = Publisher(self._options, self._address)
            return found
