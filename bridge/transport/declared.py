"""What declaring a queue answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple


class _Answer(NamedTuple):
    """Of AMQP's Queue.Declare-Ok."""

    queue: str
    message_count: int
    consumer_count: int


class Declared:
    """A queue's name and counts, for which brokers are asked only when somebody looks at them.

    Workers declare their queues with every connection and publishers before the first message,
    and neither looks: they must not wait for a broker that is away.
    """

    def __init__(self, queue: str, count: Callable[[], int]) -> None:
        self.queue = queue
        self._count = count

    @cached_property
    def message_count(self) -> int:
        """How many messages wait; raises BrokerError."""
        return self._count()

    @property
    def consumer_count(self) -> int:
        """Always 0: consumers are not counted, as in kombu's other transports without AMQP."""
        return 0

    def __iter__(self) -> Iterator[str | int]:
        return iter(self._answer)

    def __getitem__(self, place: int) -> str | int:
        # Kombu takes the name from here, of every queue.
        return self.queue if place == 0 else self._answer[place]

    def __len__(self) -> int:
        return len(_Answer._fields)

    @property
    def _answer(self) -> _Answer:
        return _Answer(self.queue, self.message_count, self.consumer_count)
