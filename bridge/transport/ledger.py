"""The trackers of all assigned partitions, and which acknowledgements still count."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias

from bridge.transport import completed
from bridge.transport.tracker import PartitionTracker

#: Topic and partition.
Place: TypeAlias = tuple[str, int]

#: Share of the metadata from which on no more is fetched: what is on its way must still fit.
_CROWDED: Final = 0.75


@dataclass(frozen=True, slots=True)
class Commit:
    """What a commit says of one partition."""

    #: Everything below is done.
    offset: int
    #: What else is done, see `completed`.
    metadata: str = ""


#: What no commit says, so that any other is due.
_VOID: Final = Commit(-1)


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
    committed: Commit | None
    #: What the next commit would say; None where that has to be found out anew.
    next: Commit | None = None
    #: What to commit before the first delivery; None where there is a commit that says as much.
    begin: Commit | None = None
    #: Length of the metadata when it was last made.
    metadata_bytes: int = 0


class Ledger:
    """Thread-safe; tasks are acknowledged in other threads than the fetching one."""

    def __init__(self, metadata_bytes: int = completed.MOST_BYTES) -> None:
        self._metadata_bytes = metadata_bytes
        self._epochs = itertools.count(1)
        self._assignments: dict[Place, _Assignment] = {}
        self._changed = threading.Condition()

    def assign(
        self,
        places: Iterable[Place],
        commits: Mapping[Place, Commit] = MappingProxyType({}),
        begin: int | None = None,
    ) -> None:
        """Begin to own partitions, going on from what was committed of them.

        Where they begin is committed before anything is finished: others, as KEDA, take what has
        no commit, or one below its beginning (a purged queue), for a lag.
        """
        with self._changed:
            for place in places:
                commit = commits.get(place)
                tracker = PartitionTracker() if commit is None else _continued(commit)
                assignment = _Assignment(next(self._epochs), tracker, commit)
                if begin is not None and (commit is None or commit.offset < begin):
                    assignment.begin = Commit(begin)
                self._assignments[place] = assignment

    def revoke(self, places: Iterable[Place]) -> None:
        """Cease to own partitions; what is acknowledged later does not count."""
        with self._changed:
            for place in places:
                self._assignments.pop(place, None)

    def falls(self, place: Place, offset: int) -> bool:
        """Whether an offset is one that was fetched before, or lies before such a one.

        Within an assignment each offset is fetched once, so the log was cut behind it (as an
        unclean leader election does) or the topic was made anew.
        """
        with self._changed:
            assignment = self._assignments.get(place)
            return assignment is not None and assignment.tracker.is_behind(offset)

    def begin_anew(self, place: Place) -> None:
        """Forget what is known of a partition whose log was cut; earlier deliveries do not count.

        What was committed of it is beyond the log, and so is replaced with the next delivery.
        """
        with self._changed:
            self._assignments[place] = _Assignment(next(self._epochs), PartitionTracker(), _VOID)

    def deliver(self, place: Place, offset: int) -> Delivery | None:
        """Note a fetched message; None where it came too late or was finished before.

        Raises ValueError where its offset falls.
        """
        with self._changed:
            assignment = self._assignments.get(place)
            if assignment is None:
                return None
            is_new = assignment.tracker.deliver(offset)
            assignment.next = None
            if assignment.committed is None and assignment.begin is None:
                assignment.committed = Commit(offset)
            return Delivery(place, offset, assignment.epoch) if is_new else None

    def finish(self, delivery: Delivery) -> bool:
        """Note an acknowledgement; false where it changes nothing."""
        with self._changed:
            assignment = self._assignments.get(delivery.place)
            if assignment is None or assignment.epoch != delivery.epoch:
                return False
            counted = assignment.tracker.finish(delivery.offset)
            assignment.next = None
            self._changed.notify_all()
            return counted

    def due(self, places: Iterable[Place] | None = None) -> dict[Place, Commit]:
        """What to commit, of some partitions or of all."""
        with self._changed:
            chosen = self._assignments if places is None else places
            return {
                place: commit
                for place in chosen
                if (assignment := self._assignments.get(place)) is not None
                and (commit := self._next(assignment)) is not None
                and commit != assignment.committed
            }

    def committed(self, commits: Mapping[Place, Commit]) -> None:
        """Note that the broker has taken a commit."""
        with self._changed:
            for place, commit in commits.items():
                assignment = self._assignments.get(place)
                if assignment is not None:
                    assignment.committed = commit

    def crowded(self) -> set[Place]:
        """The partitions of which no more may be fetched, lest the metadata does not hold it.

        Each has a delivered message that is unfinished, so this comes to an end.
        """
        with self._changed:
            return {place for place, it in self._assignments.items() if self._is_crowded(it)}

    def commit_offsets_only(self) -> None:
        """Leave the metadata out from now on: the broker takes less than others do."""
        with self._changed:
            self._metadata_bytes = 0
            for assignment in self._assignments.values():
                assignment.next = None

    def wait_finished(self, places: Iterable[Place], *, but: int, seconds: float) -> bool:
        """Wait until all `but` so many are finished in these partitions; false when out of time."""
        wanted = list(places)
        with self._changed:
            return self._changed.wait_for(lambda: self._open(wanted) <= but, seconds)

    def _next(self, assignment: _Assignment) -> Commit | None:
        safe = assignment.tracker.safe
        if assignment.next is None and safe is not None:
            text = completed.encode(safe, assignment.tracker.finished, self._metadata_bytes)
            assignment.next = Commit(safe, text)
            assignment.metadata_bytes = len(text)
        return assignment.next or assignment.begin

    def _is_crowded(self, assignment: _Assignment) -> bool:
        span = assignment.tracker.span
        is_long = assignment.metadata_bytes > self._metadata_bytes * _CROWDED
        return span >= completed.MOST_SPAN or (span > 0 and is_long)

    def _open(self, places: Iterable[Place]) -> int:
        return sum(
            assignment.tracker.open
            for place in places
            if (assignment := self._assignments.get(place)) is not None
        )


def _continued(commit: Commit) -> PartitionTracker:
    return PartitionTracker(commit.offset, completed.decode(commit.offset, commit.metadata))
