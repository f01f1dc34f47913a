"""Shards: publishing one again with what is left of it, and giving up what is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import tracing
from app.domain.outcomes import Outcome, Status
from app.domain.plans import PlannedCase
from app.domain.results import CaseFinished
from app.errors import PlatformError
from app.messages.events import Reported, ShardReturned
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.run_shard import RunShard
from app.services import outbox, results, runs
from app.services.text import storable
from app.settings import Settings


def take_back(session: Session, returned: ShardReturned, *, settings: Settings) -> bool:
    """Publish at once what a runner that left has not begun; whether there was anything to do.

    There is not where the run has ended, or where this is not the shard's present attempt: the
    same event may come twice. Such an attempt does not count among those after which cases are
    given up. The session holds the run's row until its transaction ends.
    """
    run_id = storable(returned.run_id)
    run = session.get(Run, run_id, with_for_update={"key_share": True}, populate_existing=True)
    if run is None or Status(run.status).is_final:
        return False
    shard = session.get(RunShard, (run_id, returned.shard), populate_existing=True)
    if shard is None or shard.finished_at is not None or shard.attempt != returned.attempt:
        return False
    shard.returned += 1
    publish_again(session, run, shard, session.scalars(select(func.now())).one(), settings)
    return True


def publish_again(
    session: Session, run: Run, shard: RunShard, now: dt.datetime, settings: Settings
) -> int:
    """Publish the cases that no attempt has finished, as the next attempt.

    Returns how many were given up because they could not be sent again.
    """
    try:
        planner = runs.planner(session, run, settings)
    except PlatformError as error:
        return give_up(session, shard, f"The case could not be sent again: {error}")
    shard.attempt += 1
    shard.heard_at = now
    shard.started_at = None
    cases = _unfinished(session, shard)
    with tracing.following(run.traceparent):
        outbox.add_command(session, planner.command(cases, shard.number, shard.attempt))
    return 0


def give_up(session: Session, shard: RunShard, message: str) -> int:
    """Record that no attempt will finish the rest of a shard; how many cases that are."""
    lost = [
        CaseFinished(case.case_id, Outcome.ERRORED, message) for case in _unfinished(session, shard)
    ]
    results.apply(
        session, [Reported(shard.run_id, shard.number, shard.attempt, event) for event in lost]
    )
    return len(lost)


def _unfinished(session: Session, shard: RunShard) -> Sequence[PlannedCase]:
    rows = session.scalars(
        select(RunCase)
        .where(
            RunCase.run_id == shard.run_id,
            RunCase.shard == shard.number,
            RunCase.status.in_((Status.QUEUED, Status.RUNNING)),
        )
        .order_by(RunCase.operation)
    )
    return [PlannedCase(row.case_id, row.operation, row.module, row.script) for row in rows]
