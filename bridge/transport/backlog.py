"""Messages that are fetched and not handed out yet: pure bookkeeping, no Kafka.

A queue has one topic for each of its priorities. Within a queue the highest level goes first, but
after `FAVOURED` messages in a row the lower level that has waited longest has its turn: with n
levels each that has messages gets one in at most (FAVOURED + 1) * (n - 1) of the queue's. Queues
take turns.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterable
from typing import Final, Protocol, TypeAlias

from confluent_kafka import Message as Record

from bridge.transport import naming
from bridge.transport.ledger import Delivery, Place

#: So many messages of the highest level go before one of a lower one.
FAVOURED: Final = 7

Fetched: TypeAlias = tuple[Delivery, Record]


class Shelf(Protocol):
    """Where the fetching thread puts messages, and what it asks about them. Thread-safe."""

    def put(self, delivery: Delivery, record: Record) -> None:
        """Add a message."""

    def drop(self, places: Collection[Place]) -> int:
        """Take the messages of these partitions away; returns how many."""

    def paused(self, assigned: Iterable[Place]) -> set[Place]:
        """The partitions of which no more should be fetched now."""


class Backlog:
    """The fetched messages of all queues of a connection. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self._limiter = Limiter(limit)
        #: In the order of their turns.
        self._queues: dict[str, _Levels] = {}
        self._count = 0
        #: With so many less than half of the room is taken, and the limiter lets go.
        self._low = (limit - 1) // 2
        #: Nothing is handed out but this.
        self._is_held = False
        self._alone: Fetched | None = None
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)

    def put(self, delivery: Delivery, record: Record) -> None:
        """Add a message to the end of its level."""
        queue, level = naming.queue_and_level(delivery.place[0])
        with self._lock:
            self._queues.setdefault(queue, _Levels()).put(level, (delivery, record))
            self._count += 1

    def take(self, queues: Collection[str]) -> Fetched | None:
        """The next message of one of these queues' topics; None if there is none."""
        with self._lock:
            if self._is_held:
                return self._take_alone(queues)
            for queue, levels in self._queues.items():
                if queue in queues and (taken := levels.take()) is not None:
                    # To the end of the line: the next one takes from another queue.
                    self._queues[queue] = self._queues.pop(queue)
                    self._less(1)
                    return taken
        return None

    def hold(self) -> None:
        """Hand out nothing, but what `put_alone` adds, until `release`."""
        with self._lock:
            self._is_held = True

    def put_alone(self, fetched: Fetched) -> None:
        """Add the one message that is handed out although everything is held."""
        with self._lock:
            self._alone = fetched
            self._count += 1

    def take_back(self) -> bool:
        """Take the message away that was put alone; false where it has been taken."""
        with self._lock:
            was_there = self._alone is not None
            self._alone = None
            self._less(was_there)
            return was_there

    def release(self) -> None:
        """Hand everything out again."""
        with self._lock:
            self._is_held = False

    def __len__(self) -> int:
        """How many messages are there."""
        return self._count

    def wait_for_room(self, seconds: float) -> bool:
        """Wait until less than half of the room is taken; false when out of time."""
        with self._room:
            return self._room.wait_for(lambda: self._count <= self._low, seconds)

    def drop(self, places: Collection[Place]) -> int:
        """Take the messages of these partitions away; returns how many."""
        with self._lock:
            dropped = sum(levels.drop(places) for levels in self._queues.values())
            if self._alone is not None and self._alone[0].place in places:
                self._alone = None
                dropped += 1
            self._less(dropped)
            return dropped

    def paused(self, assigned: Iterable[Place]) -> set[Place]:
        """The partitions of the topics that have had enough.

        Each topic keeps its share of the room, so that a flood in one never keeps another's
        messages out.
        """
        wanted = list(assigned)
        full = self._limiter.full(self._sizes({topic for topic, _ in wanted}))
        return {place for place in wanted if place[0] in full}

    def _take_alone(self, queues: Collection[str]) -> Fetched | None:
        taken = self._alone
        if taken is None or naming.queue_and_level(taken[0].place[0])[0] not in queues:
            return None
        self._alone = None
        self._less(1)
        return taken

    def _less(self, messages: int) -> None:
        self._count -= messages
        if self._count <= self._low:
            self._room.notify()

    def _sizes(self, topics: Collection[str]) -> dict[str, int]:
        with self._lock:
            return {topic: self._size(*naming.queue_and_level(topic)) for topic in topics}

    def _size(self, queue: str, level: int) -> int:
        return self._queues[queue].size(level) if queue in self._queues else 0


class Limiter:
    """Who has to wait when there is room for so many messages only; remembers who waits."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._full: set[str] = set()

    def full(self, sizes: dict[str, int]) -> set[str]:
        """Those that take no more: of the room nothing is left, and of their share neither.

        Who waits goes on when half of the room, or of its share, is free again.
        """
        total, share = sum(sizes.values()), self._limit / max(len(sizes), 1)
        self._full = {
            name for name, size in sizes.items()
            if total >= self._limit * (part := 0.5 if name in self._full else 1)
            and size >= share * part
        }  # fmt: skip
        return self._full


class _Levels:
    """One queue's messages by priority."""

    def __init__(self) -> None:
        #: In the order of their last turns, the longest ago first.
        self._levels: dict[int, deque[Fetched]] = {}
        self._favoured = 0

    def put(self, level: int, fetched: Fetched) -> None:
        self._levels.setdefault(level, deque()).append(fetched)

    def take(self) -> Fetched | None:
        waiting = [level for level, messages in self._levels.items() if messages]
        if not waiting:
            return None
        level = self._choose(waiting)
        messages = self._levels[level] = self._levels.pop(level)
        return messages.popleft()

    def _choose(self, waiting: list[int]) -> int:
        highest = max(waiting)
        self._favoured = self._favoured + 1 if len(waiting) > 1 else 0
        if self._favoured <= FAVOURED:
            return highest
        self._favoured = 0
        return next(level for level in waiting if level != highest)

    def __len__(self) -> int:
        return sum(map(len, self._levels.values()))

    def size(self, level: int) -> int:
        return len(self._levels.get(level, ()))

    def drop(self, places: Collection[Place]) -> int:
        before = len(self)
        for level, messages in self._levels.items():
            self._levels[level] = deque(it for it in messages if it[0].place not in places)
        return before - len(self)
