"""The life of runs and generations: which step may follow, and when work counts as lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.outcomes import Status

#: What may follow each status; a final one has no successor.
NEXT: Mapping[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.FINISHED, Status.CANCELLED}),
    Status.RUNNING: frozenset({Status.FINISHED, Status.CANCELLED}),
    Status.FINISHED: frozenset(),
    Status.CANCELLED: frozenset(),
}

#: Work that nobody has begun is given so many times the patience while other work goes on:
#: it stands in a queue that moves, and publishing it again would only make the queue longer.
QUEUE_PATIENCE = 10


class Step(StrEnum):
    """What to do about work that is out."""

    WAIT = "wait"
    REPUBLISH = "republish"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Work:
    """A shard or generation that was published and is not finished."""

    attempt: int
    #: Publication, or the last sign of life.
    heard_at: dt.datetime
    has_started: bool


def may_become(status: Status, following: Status) -> bool:
    """Whether `following` may come after `status`."""
    return following in NEXT[status]


def next_step(
    work: Work,
    *,
    now: dt.datetime,
    patience: dt.timedelta,
    max_attempts: int,
    last_progress: dt.datetime | None,
) -> Step:
    """What the reaper does about the work; `last_progress` is the newest sign of any runner."""
    queue_moves = last_progress is not None and now - last_progress < patience
    allowed = patience * QUEUE_PATIENCE if queue_moves and not work.has_started else patience
    if now - work.heard_at < allowed:
        return Step.WAIT
    return Step.REPUBLISH if work.attempt < max_attempts else Step.GIVE_UP
