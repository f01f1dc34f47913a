"""The reaper: publishes again what was lost on the way, and after the last attempt records so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from app.domain import lifecycle
from app.domain.lifecycle import Step, Work
from app.domain.outcomes import Status
from app.messages import commands
from app.models.generation import Generation
from app.models.outbox_message import OutboxMessage
from app.models.run import Run
from app.models.run_shard import RunShard
from app.services import generations, outbox, shards
from app.settings import Settings

OPEN = (Status.QUEUED, Status.RUNNING)

#: Runs, and generations, looked at in one transaction.
BATCH = 50


@dataclass(slots=True)
class Reaped:
    """What the reaper did."""

    #: Shards published again.
    shards: int = 0
    #: Generations published again.
    generations: int = 0
    #: Cases recorded as errored because no attempt finished them.
    cases_given_up: int = 0
    #: Generations ended because no attempt finished them.
    generations_given_up: int = 0


def reap(session: Session, now: dt.datetime, *, settings: Settings) -> Reaped:
    """Look for shards and generations of which nothing was heard for too long.

    Skips what another transaction holds at this moment: it is alive.
    """
    patrol = _Patrol(session, now, settings)
    patrol.look_after_runs()
    patrol.look_after_generations()
    return patrol.reaped


def forget_broker(session: Session) -> None:
    """Take all published work for lost, as after a broker that forgets has ended.

    The next `reap` publishes it again, as the first attempt: nothing was wrong with the work.
    """
    open_runs = select(Run.id).where(Run.status.in_(OPEN))
    lost = {"heard_at": dt.datetime(1970, 1, 1, tzinfo=dt.UTC), "attempt": 0}
    shard = func.concat("shard-", RunShard.run_id, "-", RunShard.number, "-", RunShard.attempt)
    session.execute(
        update(RunShard)
        .where(RunShard.run_id.in_(open_runs), ~_waits(shard))
        .values(lost | {"returned": 0})
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Generation)
        .where(Generation.status.in_(OPEN), ~_waits(func.concat("generation-", Generation.id)))
        .values(lost)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _waits(task_id: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(OutboxMessage.message_id == task_id)


@dataclass(frozen=True, slots=True)
class _Patrol:
    """One look at everything that is out."""

    session: Session
    now: dt.datetime
    settings: Settings
    reaped: Reaped = field(default_factory=Reaped)

    def look_after_runs(self) -> None:
        progress = self.session.scalar(
            select(func.max(RunShard.heard_at)).where(RunShard.started_at.is_not(None))
        )
        for run in _quiet_runs(self.session, self._quiet_since):
            for shard in _published_shards(self.session, run):
                work = Work(_spent(shard), shard.heard_at, shard.started_at is not None)
                self._look_after_shard(run, shard, self._step(work, progress))

    def _look_after_shard(self, run: Run, shard: RunShard, step: Step) -> None:
        lost = 0
        if step is Step.REPUBLISH:
            lost = shards.publish_again(self.session, run, shard, self.now, self.settings)
            self.reaped.shards += not lost
        elif step is Step.GIVE_UP:
            message = f"No runner finished this case in {_spent(shard)} attempts."
            lost = shards.give_up(self.session, shard, message)
        self.reaped.cases_given_up += lost

    def look_after_generations(self) -> None:
        progress = self.session.scalar(
            select(func.max(Generation.heard_at)).where(Generation.status != Status.QUEUED)
        )
        for generation in _quiet_generations(self.session, self._quiet_since):
            command = commands.write_cases(generation.id)
            if outbox.waiting(self.session, {command.task_id}):
                continue
            has_started = generation.status == Status.RUNNING
            work = Work(generation.attempt, generation.heard_at, has_started)
            step = self._step(work, progress)
            if step is Step.REPUBLISH:
                generation.attempt += 1
                generation.heard_at = self.now
                outbox.add_command(self.session, command)
                self.reaped.generations += 1
            elif step is Step.GIVE_UP:
                message = f"No generator finished this in {generation.attempt} attempts."
                generations.finish(self.session, generation, message)
                self.reaped.generations_given_up += 1

    @property
    def _quiet_since(self) -> dt.datetime:
        return self.now - self._patience

    @property
    def _patience(self) -> dt.timedelta:
        return dt.timedelta(seconds=self.settings.stale_after_seconds)

    def _step(self, work: Work, last_progress: dt.datetime | None) -> Step:
        return lifecycle.next_step(
            work,
            now=self.now,
            patience=self._patience,
            max_attempts=self.settings.max_attempts,
            last_progress=last_progress,
        )


def _quiet_runs(session: Session, quiet_since: dt.datetime) -> Sequence[Run]:
    quiet_shard = exists().where(
        RunShard.run_id == Run.id,
        RunShard.finished_at.is_(None),
        RunShard.heard_at <= quiet_since,
    )
    return session.scalars(
        select(Run)
        .where(Run.status.in_(OPEN), quiet_shard)
        .order_by(Run.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()


def _published_shards(session: Session, run: Run) -> Iterator[RunShard]:
    """Shards of a run that are out; those whose command waits in the outbox are not lost."""
    shards = session.scalars(
        select(RunShard)
        .where(RunShard.run_id == run.id, RunShard.finished_at.is_(None))
        .order_by(RunShard.number)
        .execution_options(populate_existing=True)
    ).all()
    unpublished = outbox.waiting(session, {_task_id(shard) for shard in shards})
    return (shard for shard in shards if _task_id(shard) not in unpublished)


def _task_id(shard: RunShard) -> str:
    return commands.shard_task_id(shard.run_id, shard.number, shard.attempt)


def _spent(shard: RunShard) -> int:
    """How many attempts came to nothing; what a runner gave back when it left is none of them."""
    return shard.attempt - shard.returned


def _quiet_generations(session: Session, quiet_since: dt.datetime) -> Sequence[Generation]:
    return session.scalars(
        select(Generation)
        .where(Generation.status.in_(OPEN), Generation.heard_at <= quiet_since)
        .order_by(Generation.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
