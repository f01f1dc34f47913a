"""Results: what runners report, applied once however often it arrives.

The first attempt that finishes a case decides it; what other attempts said of the case is dropped.
Counters of a run are of finished cases, so that no check is counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import tracing
from app.domain.outcomes import Outcome, Status, Totals
from app.domain.results import CaseFinished, CaseStarted, CheckFinished
from app.messages.events import Reported, RunFinished
from app.models.base import new_id
from app.models.result import Result
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.run_shard import RunShard
from app.services import live, outbox
from app.services.text import storable, storable_json, storable_name

NO_CHECKS = "The case ended without a check."

#: Characters kept of each text of a result.
TEXT_LIMIT = 128 * 1024


@dataclass(slots=True)
class Applied:
    """What became of a batch of reports."""

    #: Results written.
    results: int = 0
    #: Reports of what was known or decided already, or of no run of ours.
    dropped: int = 0
    #: Cases finished, by their outcome.
    cases: Counter[Outcome] = field(default_factory=Counter)
    #: Runs that came to their end.
    finished_runs: list[str] = field(default_factory=list)


def apply(session: Session, reports: Sequence[Reported]) -> Applied:
    """Write a batch of reports of any runs; those of one run in the order their runner made them.

    The session holds the runs' rows until its transaction ends.
    """
    applied = Applied()
    # Runs are locked in the order of their ids, so that two writers never wait for each other.
    in_order = sorted(reports, key=_run_id)
    for run_id, of_run in groupby(in_order, key=_run_id):
        _apply_to_run(session, run_id, tuple(of_run), applied)
    return applied


def _run_id(report: Reported) -> str:
    return storable(report.run_id)


def _apply_to_run(
    session: Session, run_id: str, reports: Sequence[Reported], applied: Applied
) -> None:
    run = session.get(Run, run_id, with_for_update={"key_share": True}, populate_existing=True)
    if run is None or Status(run.status).is_final:
        applied.dropped += len(reports)
        return
    batch = _Batch(_open_cases(session, run_id, reports))
    for report in reports:
        batch.take(report)
    applied.dropped += batch.dropped
    _hear(session, run, reports)
    _write_checks(session, run_id, batch, applied)
    _finish_cases(session, run, batch, applied)
    if run.cases_finished >= run.cases_total:
        end(session, run, Status.FINISHED)
        applied.finished_runs.append(run_id)
    live.announce(session, run_id)
    # The next batch reads the row anew; what this one counted must be there.
    session.flush()


class _Batch:
    """Sorts reports of one run into what is to be written and what is known already."""

    def __init__(self, open_cases: Mapping[str, str]) -> None:
        #: Cases that no attempt has finished, with their operations.
        self.open = open_cases
        self.started: set[str] = set()
        self.checks: list[tuple[int, CheckFinished]] = []
        self.finished: dict[str, tuple[int, CaseFinished]] = {}
        self.dropped = 0

    def take(self, report: Reported) -> None:
        event = report.event
        if event.case_id not in self.open or event.case_id in self.finished:
            self.dropped += 1
        elif isinstance(event, CaseStarted):
            self.started.add(event.case_id)
        elif isinstance(event, CheckFinished):
            self.checks.append((report.attempt, event))
        elif isinstance(event, CaseFinished):
            self.finished[event.case_id] = (report.attempt, event)


def _open_cases(session: Session, run_id: str, reports: Sequence[Reported]) -> Mapping[str, str]:
    rows = session.execute(
        select(RunCase.case_id, RunCase.operation).where(
            RunCase.run_id == run_id,
            RunCase.case_id.in_({storable(report.event.case_id) for report in reports}),
            RunCase.status.in_((Status.QUEUED, Status.RUNNING)),
        )
    )
    return dict(rows.all())


def _hear(session: Session, run: Run, reports: Sequence[Reported]) -> None:
    if run.status == Status.QUEUED:
        run.status = Status.RUNNING
        run.started_at = func.now()
    session.execute(
        update(RunShard)
        .where(RunShard.run_id == run.id, RunShard.number.in_({one.shard for one in reports}))
        .values(heard_at=func.now(), started_at=func.coalesce(RunShard.started_at, func.now()))
        .execution_options(synchronize_session=False)
    )


def _write_checks(session: Session, run_id: str, batch: _Batch, applied: Applied) -> None:
    rows = [
        _row(run_id, batch.open[check.case_id], attempt, check) for attempt, check in batch.checks
    ]
    written = _insert(session, rows)
    applied.results += written
    applied.dropped += len(rows) - written


def _insert(session: Session, rows: Sequence[Mapping[str, object]]) -> int:
    if not rows:
        return 0
    return len(
        session.execute(insert(Result).on_conflict_do_nothing().returning(Result.id), rows).all()
    )


def _row(run_id: str, operation: str, attempt: int, check: CheckFinished) -> Mapping[str, object]:
    return {
        "id": new_id(),
        "run_id": run_id,
        "case_id": check.case_id,
        "operation": operation,
        "check": storable_name(check.check, 300),
        "attempt": attempt,
        "outcome": check.outcome,
        "intent": storable(check.intent, TEXT_LIMIT),
        "message": storable(check.message, TEXT_LIMIT),
        "traceback": storable(check.traceback, TEXT_LIMIT),
        "output": storable(check.output, TEXT_LIMIT),
        "duration_seconds": check.duration_seconds,
        "exchanges": storable_json(check.exchanges),
        "reruns": storable_json(check.reruns),
        "is_flaky": check.is_flaky,
    }


def _finish_cases(session: Session, run: Run, batch: _Batch, applied: Applied) -> None:
    _mark_started(session, run.id, batch.started - batch.finished.keys())
    if not batch.finished:
        return
    _mark_finished(session, run.id, batch.finished)
    _forget_other_attempts(session, run.id, batch.finished)
    _write_broken(session, run.id, batch, applied)
    _finish_shards(session, run.id)
    totals = _totals(session, run.id, batch.finished)
    run.cases_finished += len(batch.finished)
    run.passed += totals.passed
    run.failed += totals.failed
    run.errored += totals.errored
    run.skipped += totals.skipped
    applied.cases.update(event.outcome for _, event in batch.finished.values())


def _mark_started(session: Session, run_id: str, case_ids: set[str]) -> None:
    session.execute(
        update(RunCase)
        .where(RunCase.run_id == run_id, RunCase.case_id.in_(case_ids))
        .values(status=Status.RUNNING)
        .execution_options(synchronize_session=False)
    )


def _mark_finished(
    session: Session, run_id: str, finished: Mapping[str, tuple[int, CaseFinished]]
) -> None:
    session.connection().execute(
        update(RunCase)
        .where(RunCase.run_id == run_id, RunCase.case_id == bindparam("finished_case"))
        .values(status=Status.FINISHED, finished_at=func.now()),
        [
            {
                "finished_case": case_id,
                "outcome": event.outcome,
                "message": storable(event.message, TEXT_LIMIT),
                "duration_seconds": event.duration_seconds,
                "deletions": storable_json(event.deletions),
            }
            for case_id, (_, event) in finished.items()
        ],
    )


def _finish_shards(session: Session, run_id: str) -> None:
    unfinished = exists().where(
        RunCase.run_id == RunShard.run_id,
        RunCase.shard == RunShard.number,
        RunCase.status.in_((Status.QUEUED, Status.RUNNING)),
    )
    session.execute(
        update(RunShard)
        .where(RunShard.run_id == run_id, RunShard.finished_at.is_(None), ~unfinished)
        .values(finished_at=func.now())
        .execution_options(synchronize_session=False)
    )


def _forget_other_attempts(
    session: Session, run_id: str, finished: Mapping[str, tuple[int, CaseFinished]]
) -> None:
    session.connection().execute(
        delete(Result).where(
            Result.run_id == run_id,
            Result.case_id == bindparam("finished_case"),
            Result.attempt != bindparam("deciding_attempt"),
        ),
        [
            {"finished_case": case_id, "deciding_attempt": attempt}
            for case_id, (attempt, _) in finished.items()
        ],
    )


def _write_broken(session: Session, run_id: str, batch: _Batch, applied: Applied) -> None:
    """A case that broke as a whole, or ended without a check, still has a result."""
    checked = set(
        session.scalars(
            select(Result.case_id)
            .where(Result.run_id == run_id, Result.case_id.in_(batch.finished))
            .distinct()
        )
    )
    rows = [
        _row(run_id, batch.open[case_id], attempt, _whole(event))
        for case_id, (attempt, event) in batch.finished.items()
        if event.message or case_id not in checked
    ]
    applied.results += _insert(session, rows)


def _whole(event: CaseFinished) -> CheckFinished:
    return CheckFinished(
        event.case_id,
        check="",
        outcome=event.outcome,
        message=event.message or NO_CHECKS,
        duration_seconds=event.duration_seconds,
    )


def _totals(
    session: Session, run_id: str, finished: Mapping[str, tuple[int, CaseFinished]]
) -> Totals:
    rows = session.execute(
        select(Result.outcome, func.count())
        .where(Result.run_id == run_id, Result.case_id.in_(finished))
        .group_by(Result.outcome)
    )
    return Totals(**dict(rows.all()))


def end(session: Session, run: Run, status: Status) -> None:
    """Bring a run, whose row is locked, to its final status and tell all who listen."""
    run.status = status
    run.finished_at = func.now()
    event = RunFinished(
        run_id=run.id,
        suite_id=run.suite_id,
        status=status,
        passed=run.passed,
        failed=run.failed,
        errored=run.errored,
        skipped=run.skipped,
    )
    with tracing.following(run.traceparent):
        outbox.add_event(session, event, key=run.id)
    live.announce(session, run.id)
