"""When a delayed message goes where: pure decisions, no Kafka.

A message whose time is far off waits in the topic of a delay: 1, 2, 4 … 131,072 seconds (36 hours).
Everything in a partition of such a topic waits equally long, so what came first leaves first and
only the first message has to be looked at. A message goes to the longest delay that is not longer
than the time it has left, and from there to the next one: 13.4 seconds are 8, 4 and 1. What is left
below the threshold waits in Celery's worker. A longer time than the longest delay takes it again.

Clocks decide like this: the due time is the publisher's; how long a message is in its delay is told
by its record's timestamp (the broker's clock where this transport made the topic) and the clock of
the worker that moves it. No message leaves its delay later than its due time by that worker's
clock, or later than one whole delay after it was fetched. A clock that was ahead when a record was
stamped holds up those behind it by as much, and no more than one delay.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable
from typing import Final

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE
from confluent_kafka import Message as Record

from bridge.transport import naming, wire
from bridge.transport.backlog import Fetched
from bridge.transport.ledger import Delivery, Place

#: Seconds of each delay.
DELAYS: Final = tuple(1 << power for power in range(18))

#: A message counts once for each such piece of it.
_PIECE_BYTES: Final = 4096


def delay_for(seconds: float, threshold: float) -> int | None:
    """The delay of a message that is due in so many seconds; None to send it to its queue."""
    if seconds <= threshold:
        return None
    return max((delay for delay in DELAYS if delay <= seconds), default=None)


class Schedule:
    """The fetched messages of all delays, each until it has waited long enough. Thread-safe.

    Each partition may hold so many messages, big ones counting more, so that none waits for
    another's.
    """

    def __init__(self, limit: int, prefix: str, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._prefix = prefix
        self._clock = clock
        self._lines: dict[Place, _Line] = {}
        self._paused: set[Place] = set()
        self._lock = threading.Lock()

    def put(self, delivery: Delivery, record: Record) -> None:
        """Add a message behind those of its partition."""
        leaves_at = self._leaves_at(record)
        with self._lock:
            self._lines.setdefault(delivery.place, _Line()).put(leaves_at, (delivery, record))

    def take(self) -> Fetched | None:
        """A message that has waited long enough; None if there is none."""
        now = self._clock()
        with self._lock:
            due = (line for line in self._lines.values() if line.leaves_at <= now)
            line = next(due, None)
            return None if line is None else line.take()

    def next_time(self) -> float:
        """When the next message leaves, in seconds since 1970; infinity if there is none."""
        with self._lock:
            return min((line.leaves_at for line in self._lines.values()), default=math.inf)

    def drop(self, places: Collection[Place]) -> int:
        """Take the messages of these partitions away; returns how many."""
        with self._lock:
            return sum(self._lines.pop(place, _Line()).count for place in places)

    def paused(self, assigned: Iterable[Place]) -> set[Place]:
        """The partitions that hold enough, until less than half of it is left."""
        with self._lock:
            self._paused = {place for place in assigned if self._is_full(place)}
            return set(self._paused)

    def _leaves_at(self, record: Record) -> float:
        """When a message has waited long enough; one that says nothing of it leaves at once."""
        now = self._clock()
        delay = naming.seconds_of(str(record.topic()), self._prefix)
        try:
            due = wire.waiting(record).due
        except wire.WireError:
            return now
        kind, milliseconds = record.timestamp()
        stamped = now if kind == TIMESTAMP_NOT_AVAILABLE else milliseconds / 1000
        return min(stamped + (delay or 0), now + (delay or 0), due)

    def _is_full(self, place: Place) -> bool:
        limit = self._limit / 2 if place in self._paused else self._limit
        return place in self._lines and self._lines[place].size >= limit


class _Line:
    """The messages of one partition, and when each may leave."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, Fetched]] = deque()
        self.size = 0

    @property
    def count(self) -> int:
        return len(self._waiting)

    @property
    def leaves_at(self) -> float:
        return self._waiting[0][0] if self._waiting else math.inf

    def put(self, leaves_at: float, fetched: Fetched) -> None:
        self._waiting.append((leaves_at, fetched))
        self.size += _size(fetched[1])

    def take(self) -> Fetched:
        _, fetched = self._waiting.popleft()
        self.size -= _size(fetched[1])
        return fetched


def _size(record: Record) -> int:
    return 1 + len(record.value() or b"") // _PIECE_BYTES
