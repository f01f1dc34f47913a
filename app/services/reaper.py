"""The reaper: publishes again what was lost on the way, and after the last attempt records so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from app.domain import lifecycle
from app.domain.lifecycle import Step, Work
from app.domain.outcomes import Outcome, Status
from app.domain.plans import PlannedCase
from app.domain.results import CaseFinished
from app.messages import commands
from app.messages.events import Reported
from app.models.generation import Generation
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.run_shard import RunShard
from app.services import generations, outbox, results, runs
from app.settings import Settings

OPEN = (Status.QUEUED, Status.RUNNING)

#: Runs and generations looked at in one transaction.
BATCH = 50


@dataclass(slots=True)
class Reaped:
    """What the reaper did."""

    shards: int = 0
    generations: int = 0
    #: Cases recorded as errored because no attempt finished them.
    cases_given_up: int = 0
    #: Generations ended because no attempt finished them.
    generations_given_up: int = 0


def reap(session: Session, now: dt.datetime, *, settings: Settings) -> Reaped:
    """Look for shards and generations that nothing was heard of for too long.

    Skips runs that are being written to at this moment; they are alive.
    """
    reaped = Reaped()
    _reap_runs(session, now, settings, reaped)
    _reap_generations(session, now, settings, reaped)
    return reaped


def forget_broker(session: Session) -> None:
    """Take all published work for lost, as after a broker that forgets has ended.

    The next `reap` publishes it again.
    """
    long_ago = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    open_runs = select(Run.id).where(Run.status.in_(OPEN))
    session.execute(
        update(RunShard).where(RunShard.run_id.in_(open_runs)).values(heard_at=long_ago)
    )
    session.execute(update(Generation).where(Generation.status.in_(OPEN)).values(heard_at=long_ago))


def _reap_runs(session: Session, now: dt.datetime, settings: Settings, reaped: Reaped) -> None:
    last_progress = session.scalar(
        select(func.max(RunShard.heard_at)).where(RunShard.started_at.is_not(None))
    )
    for run in _quiet_runs(session, now - _patience(settings)):
        for shard, planned in _unfinished(session, run):
            work = Work(shard.attempt, shard.heard_at, shard.started_at is not None)
            step = _step(work, now, settings, last_progress)
            if step is Step.REPUBLISH:
                _republish(session, run, shard, planned, now=now, settings=settings)
                reaped.shards += 1
            elif step is Step.GIVE_UP:
                _give_up(session, shard, planned)
                reaped.cases_given_up += len(planned)


def _patience(settings: Settings) -> dt.timedelta:
    return dt.timedelta(seconds=settings.stale_after_seconds)


def _step(
    work: Work, now: dt.datetime, settings: Settings, last_progress: dt.datetime | None
) -> Step:
    return lifecycle.next_step(
        work,
        now=now,
        patience=_patience(settings),
        max_attempts=settings.max_attempts,
        last_progress=last_progress,
    )


def _quiet_runs(session: Session, heard_before: dt.datetime) -> Sequence[Run]:
    quiet_shard = exists().where(
        RunShard.run_id == Run.id,
        RunShard.finished_at.is_(None),
        RunShard.heard_at <= heard_before,
    )
    return session.scalars(
        select(Run)
        .where(Run.status.in_(OPEN), quiet_shard)
        .order_by(Run.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()


def _unfinished(session: Session, run: Run) -> Iterator[tuple[RunShard, tuple[PlannedCase, ...]]]:
    """Published shards of a run with their unfinished cases; the unpublished ones only wait."""
    shards = session.scalars(
        select(RunShard)
        .where(RunShard.run_id == run.id, RunShard.finished_at.is_(None))
        .order_by(RunShard.number)
        .execution_options(populate_existing=True)
    ).all()
    unpublished = outbox.waiting(session, {_task_id(shard) for shard in shards})
    for shard in shards:
        if _task_id(shard) not in unpublished:
            yield shard, _planned(session, shard)


def _task_id(shard: RunShard) -> str:
    return commands.shard_task_id(shard.run_id, shard.number, shard.attempt)


def _planned(session: Session, shard: RunShard) -> tuple[PlannedCase, ...]:
    rows = session.scalars(
        select(RunCase)
        .where(
            RunCase.run_id == shard.run_id,
            RunCase.shard == shard.number,
            RunCase.status.in_(OPEN),
        )
        .order_by(RunCase.operation)
    )
    return tuple(PlannedCase(row.case_id, row.operation, row.module, row.script) for row in rows)


def _republish(
    session: Session,
    run: Run,
    shard: RunShard,
    planned: Sequence[PlannedCase],
    *,
    now: dt.datetime,
    settings: Settings,
) -> None:
    shard.attempt += 1
    shard.heard_at = now
    shard.started_at = None
    planner = runs.planner(session, run, settings)
    outbox.add_command(session, planner.command(planned, shard.number, shard.attempt))


def _give_up(session: Session, shard: RunShard, planned: Sequence[PlannedCase]) -> None:
    message = f"No runner finished this case in {shard.attempt} attempts."
    lost = [
        Reported(
            shard.run_id,
            shard.number,
            shard.attempt,
            CaseFinished(case.case_id, Outcome.ERRORED, message),
        )
        for case in planned
    ]
    results.apply(session, lost)


def _reap_generations(
    session: Session, now: dt.datetime, settings: Settings, reaped: Reaped
) -> None:
    last_progress = session.scalar(
        select(func.max(Generation.heard_at)).where(Generation.status != Status.QUEUED)
    )
    for generation in _quiet_generations(session, now - _patience(settings)):
        command = commands.write_cases(generation.id)
        has_started = generation.status == Status.RUNNING
        work = Work(generation.attempt, generation.heard_at, has_started)
        step = _step(work, now, settings, last_progress)
        if step is Step.WAIT or outbox.waiting(session, {command.task_id}):
            continue
        if step is Step.REPUBLISH:
            generation.attempt += 1
            generation.heard_at = now
            outbox.add_command(session, command)
            reaped.generations += 1
        else:
            message = f"No generator finished this in {generation.attempt} attempts."
            generations.finish(session, generation, message)
            reaped.generations_given_up += 1


def _quiet_generations(session: Session, heard_before: dt.datetime) -> Sequence[Generation]:
    return session.scalars(
        select(Generation)
        .where(Generation.status.in_(OPEN), Generation.heard_at <= heard_before)
        .order_by(Generation.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
