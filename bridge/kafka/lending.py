"""Producers that stay connected, each lent to one user at a time.

A new producer is not at once ready: where its first request for a producer id (KIP-98) comes before
its connection, librdkafka asks again half a second later.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from bridge.kafka.producer import EventProducer


class Producers:
    """Makes as many as are in use at once. Thread-safe; not to be carried over a fork."""

    def __init__(self, make: Callable[[], EventProducer]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._idle: list[EventProducer] = []

    def prepare(self, count: int) -> None:
        """Have so many ready that nobody uses yet: they connect while nobody waits for them."""
        for _ in range(count):
            self._keep(self._make())

    @contextlib.contextmanager
    def lent(self) -> Iterator[EventProducer]:
        """One that nobody else uses meanwhile, so what others publish fails without this user.

        It is not used again after an error, whatever it was.
        """
        producer = self._taken() or self._make()
        try:
            yield producer
        except BaseException:
            producer.close()
            raise
        self._keep(producer)

    def serve(self) -> None:
        """Let those that nobody uses say what they have to; to be called now and then."""
        with self._lock:
            for producer in self._idle:
                producer.serve()

    def close(self) -> None:
        """Close those that are not in use."""
        while producer := self._taken():
            producer.close()

    def _keep(self, producer: EventProducer) -> None:
        with self._lock:
            self._idle.append(producer)

    def _taken(self) -> EventProducer | None:
        with self._lock:
            return self._idle.pop() if self._idle else None
