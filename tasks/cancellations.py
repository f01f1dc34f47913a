"""Which runs were cancelled lately, as a runner without a database hears of it."""

from __future__ import annotations

from typing import Final

from app.domain.outcomes import Status
from app.messages.events import DomainEvent, RunFinished

#: Beyond this many the oldest are forgotten: their shards have long been done.
CAPACITY: Final = 10_000


class Cancellations:
    """The ids of cancelled runs. Thread-safe: one thread hears, others ask."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        #: In the order in which they were heard of; the values mean nothing.
        self._runs: dict[str, None] = {}

    def hear(self, event: DomainEvent) -> None:
        """Take note where the event says that a run was cancelled."""
        if isinstance(event, RunFinished) and event.status == Status.CANCELLED:
            self._runs[event.run_id] = None
            if len(self._runs) > self._capacity:
                del self._runs[next(iter(self._runs))]

    def holds(self, run_id: str) -> bool:
        """Whether the run is known to be cancelled."""
        return run_id in self._runs
