"""Many messages at once: what kombu's `Producer.batch()` collects.

    with app.producer_pool.acquire(block=True) as producer, producer.batch():
        for number in range(1000):
            task.apply_async((number,), producer=producer)

Messages are collected, sent together, and confirmed when the block ends: one round trip for all. A
block that ends by an exception sends nothing of what it still has. A long batch is sent in chunks;
while one is on its way the next is collected.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bridge.transport.errors import BatchError, Failure
from bridge.transport.publisher import SILENCE, Done
from bridge.transport.wire import TASK_ID, Outgoing

#: A chunk takes no more, whatever the caller allows: librdkafka's queue has room for 100,000
#: messages and for 1 GiB, and other threads publish too.
_MOST_MESSAGES: Final = 5000
_MOST_BYTES: Final = 16 * 1024 * 1024


class Sender(Protocol):
    """What a batch needs of the publisher."""

    @property
    def patience(self) -> float:
        """Seconds until the outcome of a message is known."""

    def ensure(self, topic: str) -> None:
        """Make sure of a topic; raises PublishError."""

    def send(self, topic: str, message: Outgoing, done: Done) -> None:
        """Publish without waiting."""

    def forget(self, topics: Iterable[str]) -> None:
        """Make sure of these topics anew."""


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    topic: str
    message: Outgoing


class Batch:
    """kombu's session of one batch. One thread uses it, as kombu sees to."""

    def __init__(
        self,
        channel: Any,  # noqa: ANN401 - kombu is untyped
        sender: Callable[[], Sender],
        *,
        max_size: int,
        brokers: str,
        on_failure: Callable[[], None],
    ) -> None:
        self.channel = channel
        self._sender = sender
        self._on_failure = on_failure
        self._max_size = min(max_size, _MOST_MESSAGES)
        self._brokers = brokers
        self._count = 0
        self._bytes = 0
        self._collected: list[_Entry] = []
        #: The chunk that is sent and not confirmed yet.
        self._sent = _Chunk([])

    def publish(self, message: Mapping[str, Any], **options: Any) -> None:  # noqa: ANN401 - kombu is untyped
        """Collect a message of kombu; raises BatchError where an earlier chunk has failed."""
        self.channel.basic_publish(message, batch=self, **options)
        if len(self._collected) >= self._max_size or self._bytes >= _MOST_BYTES:
            self._send_on()

    def add(self, topic: str, message: Outgoing) -> None:
        """Collect a message for a topic; raises PublishError where there is no such topic."""
        self._sender().ensure(topic)
        self._collected.append(_Entry(self._count, topic, message))
        self._count += 1
        self._bytes += len(message.value)

    def flush(self) -> None:
        """Send what is collected and wait until all is confirmed; raises BatchError."""
        earlier = self._sent
        self._send()
        self._raise([*self._failures(earlier), *self._failures(self._sent)])

    def discard(self) -> None:
        """Forget what is not sent yet."""
        self._collected = []
        self._bytes = 0

    def close(self) -> None:
        """Forget everything; kombu has flushed before, or has given up."""
        self.discard()

    def _send_on(self) -> None:
        """Send what is collected once the chunk before it is confirmed."""
        self._raise(self._failures(self._sent))
        self._send()

    def _send(self) -> None:
        entries, self._collected, self._bytes = self._collected, [], 0
        self._sent = _Chunk(entries)
        self._sent.send(self._sender())

    def _failures(self, chunk: _Chunk) -> list[Failure]:
        return chunk.failures(self._sender().patience)

    def _raise(self, failures: list[Failure]) -> None:
        self._sent = _Chunk([])
        if failures:
            self._sender().forget({failure.topic for failure in failures})
            self._on_failure()
            raise BatchError(failures, total=self._count, brokers=self._brokers)


class _Chunk:
    """Messages that are sent together, and what became of each."""

    def __init__(self, entries: list[_Entry]) -> None:
        self._entries = entries
        self._reasons: dict[int, str | None] = {}
        self._all_known = threading.Event()

    def send(self, sender: Sender) -> None:
        for place, entry in enumerate(self._entries):
            sender.send(entry.topic, entry.message, functools.partial(self._answered, place))

    def failures(self, seconds: float) -> list[Failure]:
        if self._entries:
            self._all_known.wait(seconds)
        answers = ((it, self._reasons.get(at, SILENCE)) for at, it in enumerate(self._entries))
        return [
            failure_of(entry.number, entry.topic, entry.message, reason)
            for entry, reason in answers
            if reason is not None
        ]

    def _answered(self, place: int, reason: str | None) -> None:
        self._reasons[place] = reason
        # Refused messages are answered in the sending thread, the others in the publisher's; the
        # last of them sees the full number, whichever it is.
        if len(self._reasons) == len(self._entries):
            self._all_known.set()


def failure_of(number: int, topic: str, message: Outgoing, reason: str) -> Failure:
    """That a message is not known to be on its topic, and why."""
    task_id = dict(message.headers).get(TASK_ID, b"").decode()
    return Failure(number, topic, task_id, reason)
