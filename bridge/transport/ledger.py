"""The trackers of all assigned partitions, and which acknowledgements still count."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bridge.transport.tracker import PartitionTracker

#: Topic and partition.
Place: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as handed out under one assignment of its partition."""

    place: Place
    offset: int
    #: Number of the assignment: an acknowledgement from an earlier one changes nothing.
    epoch: int

    @property
    def tag(self) -> str:
        """A delivery tag that is unique within the process."""
        topic, partition = self.place
        return f"{topic}:{partition}:{self.offset}:{self.epoch}"


@dataclass(slots=True)
class _Assignment:
    epoch: int
    tracker: PartitionTracker
    #: What the broker has, as far as we know.
    committed: int | None = None


class Ledger:
    """Thread-safe; tasks are acknowledged in other threads than the fetching one."""

    def __init__(self) -> None:
        self._epochs = itertools.count(1)
        self._assignments: dict[Place, _Assignment] = {}
        self._changed = threading.Condition()

    def assign(self, places: Iterable[Place]) -> None:
        """Begin to own partitions."""
        with self._changed:
            for place in places:
                self._assignments[place] = _Assignment(next(self._epochs), PartitionTracker())

    def revoke(self, places: Iterable[Place]) -> None:
        """Cease to own partitions; what is acknowledged later does not count."""
        with self._changed:
            for place in places:
                self._assignments.pop(place, None)

    def deliver(self, place: Place, offset: int) -> Delivery | None:
        """Note a fetched message; None where it came too late or twice."""
        with self._changed:
            assignment = self._assignments.get(place)
            if assignment is None:
                return None
            try:
                assignment.tracker.deliver(offset)
            except ValueError:
                return None
            if assignment.committed is None:
                assignment.committed = offset
            return Delivery(place, offset, assignment.epoch)

    def finish(self, delivery: Delivery) -> bool:
        """Note an acknowledgement; false where it changes nothing."""
        with self._changed:
            assignment = self._assignments.get(delivery.place)
            if assignment is None or assignment.epoch != delivery.epoch:
                return False
            counted = assignment.tracker.finish(delivery.offset)
            self._changed.notify_all()
            return counted

    def due(self, places: Iterable[Place] | None = None) -> dict[Place, int]:
        """The offsets to commit, of some partitions or of all."""
        with self._changed:
            chosen = self._assignments if places is None else places
            return {
                place: safe
                for place in chosen
                if (assignment := self._assignments.get(place)) is not None
                and (safe := assignment.tracker.safe) is not None
                and safe != assignment.committed
            }

    def committed(self, offsets: Mapping[Place, int]) -> None:
        """Note that the broker has taken a commit."""
        with self._changed:
            for place, offset in offsets.items():
                assignment = self._assignments.get(place)
                if assignment is not None:
                    assignment.committed = offset

    def wait_finished(self, places: Iterable[Place], *, but: int, seconds: float) -> bool:
        """Wait until all `but` so many are finished in these partitions; false when out of time."""
        wanted = list(places)
        with self._changed:
            return self._changed.wait_for(lambda: self._open(wanted) <= but, seconds)

    def _open(self, places: Iterable[Place]) -> int:
        return sum(
            assignment.tracker.open
            for place in places
            if (assignment := self._assignments.get(place)) is not None
        )
