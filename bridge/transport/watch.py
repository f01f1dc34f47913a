"""Finds the message that kills its worker, and condemns no other: pure decisions, no Kafka.

A worker that dies leaves no word of which message did it, and the next one would be handed the same
again, for ever. So commits say that a partition has an owner (`marks`), before anything of it is
handed out. Who finds the mark of another has taken over from the dead, and hands out with care
until it has caught up:

1. In company: at most `COMPANY` messages of such a partition are out, each recorded as started
   once, in a commit, before it is handed out. When this worker dies too, what it had is known.
   This ends with `CAREFUL` messages: more than that a worker does not do between two commits.
2. Alone: a message with recorded starts is a suspect. It is recorded once more and runs while the
   worker has nothing else at all; everybody else waits.
3. A message with `max_deliveries` starts in all (the unrecorded first, one in company, the others
   alone; never fewer than one alone) is condemned: it becomes a dead letter and does not run.

Why no innocent is condemned: its count only grows beyond 1 by a start alone, and stays only if the
worker dies in just that time. Nothing of that connection runs then but the suspect, so it was the
suspect, or somebody outside who killed the worker `max_deliveries - 2` times, each time during
this message; a worker that loses its partitions by silence counts as dead. A killer beside it, of
whatever partition, cannot be the cause: it waits. What is finished is never under suspicion again,
and neither is what is handed on when a worker leaves in order: a start that nobody died of is taken
back.

Why a killer is found: in each life of a worker the first messages of the partition are handed out
recorded, and with each record everything finished before is committed. So the killer comes nearer
to the front, is recorded, and is then a suspect until it is condemned.

It ends: a suspect waits for tasks to finish, and they wait for nothing of ours.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol, TypeAlias

from confluent_kafka import Message as Record

from bridge.transport.backlog import Backlog, Fetched
from bridge.transport.ledger import Delivery, Ledger, Place

#: Messages of a dead worker's partition that are out together.
COMPANY: Final = 16
#: So many messages of a dead worker's partition are handed out with care, if it has so many.
CAREFUL: Final = 512
#: Messages of a partition that wait here; then no more are fetched.
_MOST_WAITING: Final = 250

#: Puts a message aside as a dead letter, with the reason.
Condemn: TypeAlias = Callable[[Record, Delivery, str], None]


class Guard(Protocol):
    """Stands between the fetching thread, to which it belongs, and the shelf."""

    #: Whether commits must say that their partitions have an owner.
    needs_marks: bool

    def begin(self, place: Place) -> None:
        """Watch over a partition that is owned from now on."""

    def put(self, delivery: Delivery, record: Record) -> bool:
        """Keep a message back for now; false where it may go on the shelf."""

    def drop(self, places: Collection[Place]) -> int:
        """Forget partitions; returns how many of their messages were kept back."""

    def full(self) -> set[Place]:
        """The partitions of which enough is kept back."""

    def is_urgent(self) -> bool:
        """Whether a message waits for a commit to be made."""

    def turn(self, followed: Collection[str]) -> bool:
        """Release what may be handed out; whether there is something to take now.

        `followed` are the topics that somebody takes from.
        """


class Trust:
    """The guard that keeps nothing back."""

    needs_marks = False

    def begin(self, place: Place) -> None:
        """Trust a partition."""

    def put(self, _delivery: Delivery, _record: Record) -> bool:
        """Keep nothing back."""
        return False

    def drop(self, _places: Collection[Place]) -> int:
        """Nothing was kept back."""
        return 0

    def full(self) -> set[Place]:
        """Nothing is kept back."""
        return set()

    def is_urgent(self) -> bool:
        """Nothing waits."""
        return False

    def turn(self, _followed: Collection[str]) -> bool:
        """Nothing is to be released."""
        return False


class _Stage(Enum):
    """How far a suspect is."""

    #: Others still run.
    WAITING = auto()
    #: Its start is not recorded yet.
    RECORDING = auto()
    #: It may be taken, or runs.
    OUT = auto()
    #: It is done, which is not committed yet: if others ran, their death would be laid to it.
    CLEARING = auto()


@dataclass(slots=True)
class _Suspect:
    fetched: Fetched
    stage: _Stage = _Stage.WAITING


@dataclass(slots=True)
class _Ward:
    """A partition that is handed out with care."""

    waiting: deque[Fetched] = field(default_factory=deque)
    #: Started, which is not recorded yet.
    recording: list[Fetched] = field(default_factory=list)
    #: Released and unfinished.
    out: list[Delivery] = field(default_factory=list)
    #: How many messages were started.
    started: int = 0

    @property
    def is_idle(self) -> bool:
        """Whether all there was is done."""
        return self.started > 0 and not (self.waiting or self.recording or self.out)


class Watch:
    """The guard that finds the message that kills its worker."""

    needs_marks = True

    def __init__(
        self, ledger: Ledger, backlog: Backlog, max_deliveries: int, condemn: Condemn
    ) -> None:
        self._ledger = ledger
        self._backlog = backlog
        #: Recorded starts of a message that is condemned; the first was not recorded.
        self._most_starts = max(max_deliveries - 1, 2)
        self._condemn = condemn
        self._wards: dict[Place, _Ward] = {}
        self._suspect: _Suspect | None = None

    def begin(self, place: Place) -> None:
        """Watch over a partition that is owned from now on."""
        self._wards[place] = _Ward()

    def put(self, delivery: Delivery, record: Record) -> bool:
        """Keep a message back for now; false where it may go on the shelf."""
        ward = self._wards.get(delivery.place)
        if ward is not None:
            ward.waiting.append((delivery, record))
        return ward is not None

    def drop(self, places: Collection[Place]) -> int:
        """Forget partitions; returns how many of their messages were kept back."""
        dropped = 0
        for place in places:
            ward = self._wards.pop(place, _Ward())
            dropped += len(ward.waiting) + len(ward.recording)
        if self._suspect is not None and self._suspect.fetched[0].place in places:
            dropped += self._suspect.stage in {_Stage.WAITING, _Stage.RECORDING}
            self._clear()
        return dropped

    def full(self) -> set[Place]:
        """The partitions of which enough is kept back."""
        return {place for place, ward in self._wards.items() if len(ward.waiting) >= _MOST_WAITING}

    def is_urgent(self) -> bool:
        """Whether a message waits for a commit to be made."""
        recording = any(
            ward.recording or (ward.waiting and not self._ledger.is_marked(place))
            for place, ward in self._wards.items()
        )
        stage = None if self._suspect is None else self._suspect.stage
        return recording or stage in {_Stage.RECORDING, _Stage.CLEARING}

    def turn(self, followed: Collection[str]) -> bool:
        """Release what may be handed out; whether there is something to take now.

        `followed` are the topics that somebody takes from.
        """
        released = [
            self._see_to(place, ward, followed)
            for place, ward in list(self._wards.items())
            if self._ledger.is_marked(place)
        ]
        return self._see_to_suspect(followed) or any(released)

    def _see_to(self, place: Place, ward: _Ward, followed: Collection[str]) -> bool:
        if not self._ledger.was_orphaned(place):
            del self._wards[place]
            return self._release(ward, ward.waiting)
        ward.out = [delivery for delivery in ward.out if self._ledger.is_open(delivery)]
        recorded = [it for it in ward.recording if self._ledger.is_recorded(it[0])]
        ward.recording = [it for it in ward.recording if it not in recorded]
        has_released = self._release(ward, recorded)
        if self._is_over(place, ward):
            del self._wards[place]
            return self._release(ward, ward.waiting) or has_released
        if place[0] in followed:
            self._start(place, ward)
        return has_released

    def _is_over(self, place: Place, ward: _Ward) -> bool:
        """Whether no more care is needed: what the dead worker may have had is behind us."""
        is_past = ward.is_idle or (ward.started >= CAREFUL and not ward.recording)
        return is_past and not self._ledger.has_suspects(place)

    def _release(self, ward: _Ward, messages: Collection[Fetched]) -> bool:
        for delivery, record in messages:
            self._backlog.put(delivery, record)
            ward.out.append(delivery)
        return bool(messages)

    def _start(self, place: Place, ward: _Ward) -> None:
        """Begin to record the next messages, up to the first suspect."""
        while (
            self._suspect is None
            and ward.waiting
            and len(ward.recording) + len(ward.out) < COMPANY
            and (ward.started < CAREFUL or self._ledger.has_suspects(place))
        ):
            fetched = ward.waiting.popleft()
            starts = self._ledger.starts(fetched[0])
            if not starts:
                self._ledger.start(fetched[0])
                ward.recording.append(fetched)
            elif starts < self._most_starts:
                self._suspect = _Suspect(fetched)
                self._backlog.hold()
            else:
                self._put_aside(fetched, starts)
            ward.started += 1

    def _put_aside(self, fetched: Fetched, starts: int) -> None:
        delivery, record = fetched
        reason = (
            f"{starts} workers that had started it died one after another, "
            f"{starts - 1} of them while they had nothing else"
        )
        self._condemn(record, delivery, reason)

    def _see_to_suspect(self, followed: Collection[str]) -> bool:
        """Let the suspect run alone; whether there is something to take now."""
        suspect = self._suspect
        if suspect is None:
            return False
        delivery = suspect.fetched[0]
        if delivery.place[0] not in followed and self._give_up(suspect):
            return True
        if suspect.stage is _Stage.WAITING and not self._others():
            self._ledger.start(delivery)
            suspect.stage = _Stage.RECORDING
        elif suspect.stage is _Stage.RECORDING and self._ledger.is_recorded(delivery):
            self._backlog.put_alone(suspect.fetched)
            suspect.stage = _Stage.OUT
            return True
        elif suspect.stage is _Stage.OUT and not self._ledger.is_open(delivery):
            suspect.stage = _Stage.CLEARING
        elif suspect.stage is _Stage.CLEARING and self._ledger.is_cleared(delivery):
            self._clear()
            return True
        return False

    def _others(self) -> int:
        """How many messages are out beside the suspect."""
        unfinished = self._ledger.unfinished()
        kept = sum(len(ward.waiting) + len(ward.recording) for ward in self._wards.values())
        return unfinished - len(self._backlog) - kept - 1

    def _give_up(self, suspect: _Suspect) -> bool:
        """Keep a suspect back whose queue nobody takes from any more; false where it runs."""
        if suspect.stage is _Stage.CLEARING:
            return False
        if suspect.stage is _Stage.OUT and not self._backlog.take_back():
            return False
        self._wards[suspect.fetched[0].place].waiting.appendleft(suspect.fetched)
        self._clear()
        return True

    def _clear(self) -> None:
        self._suspect = None
        self._backlog.release()
