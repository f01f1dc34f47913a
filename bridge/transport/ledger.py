"""The trackers of all assigned partitions, and which acknowledgements still count."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from bridge.transport import completed, marks
from bridge.transport.marks import Marks
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
    #: Whether commits say that the partition has an owner.
    is_owned: bool = False
    #: Starts of unfinished messages, under owners that died.
    earlier: dict[int, int] = field(default_factory=dict)
    #: The messages whose start under this owner is to be recorded.
    started: set[int] = field(default_factory=set)
    #: What the broker has of that, as far as we know.
    recorded: Marks = field(default_factory=Marks)
    #: Whether the owner before this one died, or some before it whose suspects are not cleared.
    was_orphaned: bool = False


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
        *,
        with_marks: bool = False,
    ) -> None:
        """Begin to own partitions, going on from what was committed of them.

        Where they begin is committed before anything is finished: others, as KEDA, take what has
        no commit, or one below its beginning (a purged queue), for a lag. With marks their commits
        say that they have an owner, see `marks`.
        """
        with self._changed:
            for place in places:
                commit = commits.get(place)
                tracker = PartitionTracker() if commit is None else _continued(commit)
                found = marks.decode(commit.metadata) if with_marks and commit else Marks()
                assignment = _Assignment(
                    next(self._epochs), tracker, commit, is_owned=with_marks,
                    earlier=dict(found.starts), recorded=found,
                    was_orphaned=found.is_owned or bool(found.starts),
                )  # fmt: skip
                if begin is not None and (commit is None or commit.offset < begin):
                    assignment.begin = Commit(begin)
                self._assignments[place] = assignment

    def leave(self, places: Iterable[Place] | None = None) -> None:
        """Give partitions up in order, some or all.

        Their next commit says so, and that nobody died of what was started here.
        """
        with self._changed:
            for place in list(self._assignments if places is None else places):
                assignment = self._assignments.get(place)
                if assignment is not None:
                    assignment.is_owned = False
                    assignment.started.clear()
                    assignment.next = None

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
            before = self._assignments[place]
            self._assignments[place] = _Assignment(
                next(self._epochs), PartitionTracker(), _VOID, is_owned=before.is_owned,
                recorded=Marks(before.recorded.is_owned),
            )  # fmt: skip

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
            assignment.earlier.pop(delivery.offset, None)
            assignment.started.discard(delivery.offset)
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
                    if assignment.is_owned:
                        assignment.recorded = marks.decode(commit.metadata)

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

    def start(self, delivery: Delivery) -> None:
        """Have the next commits say that a message is started."""
        with self._changed:
            assignment = self._assignments[delivery.place]
            assignment.started.add(delivery.offset)
            assignment.next = None

    def starts(self, delivery: Delivery) -> int:
        """How often a message was started by owners that died."""
        with self._changed:
            return self._assignments[delivery.place].earlier.get(delivery.offset, 0)

    def is_recorded(self, delivery: Delivery) -> bool:
        """Whether the broker has the start of a message."""
        with self._changed:
            assignment = self._assignments[delivery.place]
            starts = assignment.earlier.get(delivery.offset, 0) + 1
            recorded = assignment.recorded.starts.get(delivery.offset, 0)
            return recorded >= starts or not self._metadata_bytes

    def is_cleared(self, delivery: Delivery) -> bool:
        """Whether the broker has no start of a message any more."""
        with self._changed:
            recorded = self._assignments[delivery.place].recorded.starts
            return delivery.offset not in recorded or not self._metadata_bytes

    def is_marked(self, place: Place) -> bool:
        """Whether the broker knows that the partition has an owner, or cannot be told."""
        with self._changed:
            return self._assignments[place].recorded.is_owned or not self._metadata_bytes

    def was_orphaned(self, place: Place) -> bool:
        """Whether an earlier owner of the partition died, of what is not known yet."""
        with self._changed:
            return self._assignments[place].was_orphaned and bool(self._metadata_bytes)

    def has_suspects(self, place: Place) -> bool:
        """Whether there are unfinished messages that were started by owners that died."""
        with self._changed:
            assignment = self._assignments[place]
            safe = assignment.tracker.safe
            return any(safe is None or offset >= safe for offset in assignment.earlier)

    def is_open(self, delivery: Delivery) -> bool:
        """Whether a message is delivered under the present assignment, and unfinished."""
        with self._changed:
            assignment = self._assignments.get(delivery.place)
            is_present = assignment is not None and assignment.epoch == delivery.epoch
            return is_present and self._assignments[delivery.place].tracker.is_open(delivery.offset)

    def unfinished(self) -> int:
        """How many delivered messages are unfinished."""
        with self._changed:
            return self._open(self._assignments)

    def wait_finished(self, places: Iterable[Place], *, but: int, seconds: float) -> bool:
        """Wait until all `but` so many are finished in these partitions; false when out of time."""
        wanted = list(places)
        with self._changed:
            return self._changed.wait_for(lambda: self._open(wanted) <= but, seconds)

    def _next(self, assignment: _Assignment) -> Commit | None:
        if assignment.next is None:
            assignment.next = self._made(assignment)
            if assignment.next is not None:
                assignment.metadata_bytes = len(assignment.next.metadata)
        return assignment.next

    def _made(self, assignment: _Assignment) -> Commit | None:
        tracker, before = assignment.tracker, assignment.committed
        if tracker.safe is not None:
            return self._commit(assignment, tracker.safe, tracker.finished)
        if assignment.begin is not None:
            return self._commit(assignment, assignment.begin.offset, ())
        if assignment.is_owned and before is not None and before != _VOID:
            finished = completed.decode(before.offset, before.metadata)
            return self._commit(assignment, before.offset, finished)
        return None

    def _commit(self, assignment: _Assignment, safe: int, finished: Iterable[int]) -> Commit:
        if not self._metadata_bytes:
            return Commit(safe)
        starts = {offset: count for offset, count in assignment.earlier.items() if offset >= safe}
        for offset in assignment.started:
            starts[offset] = starts.get(offset, 0) + 1
        mark = marks.encode(Marks(assignment.is_owned, starts))
        room = self._metadata_bytes - len(mark) - 1
        done = completed.encode(safe, finished, room)
        return Commit(safe, " ".join(filter(None, (done, mark))))

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
