"""What each queue of the logs has still to get: positions, filters and what is read ahead.

It knows no Kafka: the reader tells it what came, the connection takes from it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from confluent_kafka import Message

from bridge.transport.ledger import Place
from bridge.transport.logs import Binding


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of a log, as one queue got it."""

    queue: str
    place: Place
    offset: int
    #: How often it was given back.
    times: int = 0

    @property
    def tag(self) -> str:
        """A delivery tag that is unique within the process while the message is out."""
        topic, partition = self.place
        return f"{self.queue}:{topic}:{partition}:{self.offset}"


@dataclass(slots=True)
class _Queue:
    #: By topic.
    bindings: dict[str, set[Binding]] = field(default_factory=dict)
    #: The offset to read next, where it is known.
    next: dict[Place, int] = field(default_factory=dict)
    waiting: deque[tuple[Heard, Message]] = field(default_factory=deque)

    def is_pinned(self, topic: str) -> bool:
        return any(place[0] == topic for place in self.next)

    def wants(self, topic: str, routing_key: str) -> bool:
        return any(it.wants(routing_key) for it in self.bindings.get(topic, ()))


class Positions:
    """The queues of one connection. Thread-safe."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        #: The queues that are consumed.
        self._followed: frozenset[str] = frozenset()
        self._lock = threading.Lock()
        #: Messages that wait, of all queues.
        self.waiting = 0

    def bind(self, queue: str, topic: str, binding: Binding) -> bool:
        """Begin to keep a position for a queue; whether the topic's ends have still to be told."""
        with self._lock:
            it = self._queues.setdefault(queue, _Queue())
            it.bindings.setdefault(topic, set()).add(binding)
            return not it.is_pinned(topic)

    def unbind(self, queue: str, topic: str, binding: Binding) -> None:
        """Let a queue have no more of what one of its bindings brings."""
        with self._lock:
            it = self._queues.get(queue, _Queue())
            it.bindings.get(topic, set()).discard(binding)

    def pin(self, topic: str, ends: Mapping[Place, int]) -> None:
        """Let queues without a position in a topic begin where its log ends now."""
        with self._lock:
            for it in self._queues.values():
                if topic in it.bindings and not it.is_pinned(topic):
                    it.next.update(ends)

    def has(self, queue: str) -> bool:
        """Whether this is a queue of a log."""
        return queue in self._queues

    def forget(self, queue: str) -> None:
        """Drop a queue with all that it has still to get."""
        with self._lock:
            self.waiting -= len(self._queues.pop(queue, _Queue()).waiting)

    def follow(self, queues: Collection[str]) -> None:
        """Keep what comes for these queues, and for no other.

        What others were not handed yet is let go, and read again when they are consumed; but not
        what was given back, as between that and the rest lies what was handed out.
        """
        with self._lock:
            for name in self._followed.difference(queues):
                self._rewind(self._queues.get(name, _Queue()))
            self._followed = frozenset(queues)

    def unpinned(self) -> set[str]:
        """The topics whose ends have to be told before all that is consumed can be read."""
        with self._lock:
            return {
                topic for it in self._read() for topic in it.bindings if not it.is_pinned(topic)
            }

    def starts(self) -> dict[Place, int]:
        """Where reading has to begin, so that no queue that is consumed misses anything."""
        starts: dict[Place, int] = {}
        with self._lock:
            for it in self._read():
                for place, offset in it.next.items():
                    starts[place] = min(offset, starts.get(place, offset))
        return starts

    def keep(self, place: Place, offset: int, record: Message) -> bool:
        """Note a record that was read; whether one of the queues wants it."""
        routing_key = (record.key() or b"").decode(errors="replace")
        wanted = 0
        with self._lock:
            for name in self._followed & self._queues.keys():
                it = self._queues[name]
                if offset < it.next.get(place, offset + 1):
                    continue
                it.next[place] = offset + 1
                if it.wants(place[0], routing_key):
                    it.waiting.append((Heard(name, place, offset), record))
                    wanted += 1
            self.waiting += wanted
        return wanted > 0

    def jump(self, place: Place, low: int, high: int) -> int:
        """Move positions into what a log still has; returns the most that one queue misses."""
        missed = 0
        with self._lock:
            for it in self._queues.values():
                if place in it.next:
                    missed = max(missed, low - it.next[place])
                    it.next[place] = min(max(it.next[place], low), high)
        return missed

    def take(self, queues: Collection[str]) -> tuple[Heard, Message] | None:
        """The next message for one of these queues, in turns; None if there is none."""
        with self._lock:
            for name, it in self._queues.items():
                if name in queues and it.waiting:
                    # To the end of the line: the next one takes from another queue.
                    self._queues[name] = self._queues.pop(name)
                    self.waiting -= 1
                    return it.waiting.popleft()
        return None

    def put_back(self, heard: Heard, record: Message) -> None:
        """Let a queue have a message again, after all that waits; nobody else gets it."""
        with self._lock:
            it = self._queues.get(heard.queue)
            if it is not None:
                it.waiting.append((replace(heard, times=heard.times + 1), record))
                self.waiting += 1

    def longest(self) -> int:
        """How many messages wait in the longest of the queues that are consumed."""
        with self._lock:
            return max((len(it.waiting) for it in self._read()), default=0)

    def _read(self) -> list[_Queue]:
        return [self._queues[name] for name in self._followed if name in self._queues]

    def _rewind(self, it: _Queue) -> None:
        given_back = deque(item for item in it.waiting if item[0].times)
        for heard, _ in it.waiting:
            if not heard.times:
                it.next[heard.place] = min(heard.offset, it.next[heard.place])
        self.waiting -= len(it.waiting) - len(given_back)
        it.waiting = given_back
