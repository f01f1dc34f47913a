"""Results: what runners report, applied once however often it arrives.

The first attempt that finishes a case decides it; what other attempts said of the case is dropped.
Counters of a run are of finished cases, so that no check is counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import tracing
from app.domain.outcomes import Outcome, Status
from app.domain.results import CaseFinished, CaseStarted, CheckFinished
from app.messages.events import Reported, RunFinished
from app.models.run import Run
from app.services import arrays, live, outbox, result_rows
from app.services.analytics import quarantine
from app.services.result_rows import Check, End, Place
from app.services.text import storable


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
    runs = _open_runs(session, {storable(report.run_id) for report in reports})
    known = [report for report in reports if report.run_id in runs]
    applied = Applied(dropped=len(reports) - len(known))
    if not known:
        return applied
    batch = _Batch(result_rows.open_cases(session, _places(known)))
    for report in known:
        batch.take(report)
    applied.dropped += batch.dropped
    _hear(session, runs, known)
    _write(session, batch, applied)
    _count(session, runs, batch, applied)
    for run in runs.values():
        if run.cases_finished >= run.cases_total:
            end(session, run, Status.FINISHED)
            applied.finished_runs.append(run.id)
    live.announce(session, runs)
    # The next batch reads the rows anew; what this one counted must be there.
    session.flush()
    return applied


def _open_runs(session: Session, run_ids: Collection[str]) -> Mapping[str, Run]:
    """Those runs that have not ended, locked."""
    found = session.scalars(
        select(Run)
        .where(arrays.is_one_of(Run.id, run_ids))
        # In one order for all, so that two writers never wait for each other.
        .order_by(Run.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {run.id: run for run in found if not Status(run.status).is_final}


class _Batch:
    """Sorts reports into what is to be written and what is known already."""

    def __init__(self, open_cases: Mapping[Place, str]) -> None:
        #: Cases that no attempt has finished, with their operations.
        self._open = open_cases
        self._started: set[Place] = set()
        self.checks: list[Check] = []
        self.finished: dict[Place, End] = {}
        self.dropped = 0

    @property
    def started(self) -> Collection[Place]:
        """The cases that were begun and have not ended."""
        return self._started - self.finished.keys()

    def take(self, report: Reported) -> None:
        event, place = report.event, Place(report.run_id, report.event.case_id)
        operation = self._open.get(place)
        if operation is None or place in self.finished:
            self.dropped += 1
        elif isinstance(event, CaseStarted):
            self._started.add(place)
        elif isinstance(event, CheckFinished):
            self.checks.append(Check(place, operation, report.attempt, event))
        elif isinstance(event, CaseFinished):
            self.finished[place] = End(place, operation, report.attempt, event)


def _places(reports: Sequence[Reported]) -> Collection[Place]:
    return {Place(report.run_id, storable(report.event.case_id)) for report in reports}


def _hear(session: Session, runs: Mapping[str, Run], reports: Sequence[Reported]) -> None:
    for run in runs.values():
        if run.status == Status.QUEUED:
            run.status = Status.RUNNING
            run.started_at = func.now()
    result_rows.hear(session, {(report.run_id, report.shard) for report in reports})


def _write(session: Session, batch: _Batch, applied: Applied) -> None:
    if batch.checks:
        written = result_rows.write(session, batch.checks)
        applied.results += written
        applied.dropped += len(batch.checks) - written
    if batch.started:
        result_rows.start(session, batch.started)
    if batch.finished:
        ends = tuple(batch.finished.values())
        result_rows.finish(session, ends)
        applied.results += result_rows.write_ends(session, ends)
        result_rows.finish_shards(session, {end.place.run_id for end in ends})


def _count(session: Session, runs: Mapping[str, Run], batch: _Batch, applied: Applied) -> None:
    if not batch.finished:
        return
    for place, ended in batch.finished.items():
        runs[place.run_id].cases_finished += 1
        applied.cases[ended.event.outcome] += 1
    for run_id, outcome, count in result_rows.outcomes(session, batch.finished.keys()):
        run = runs[run_id]
        setattr(run, outcome, getattr(run, outcome) + count)


def end(session: Session, run: Run, status: Status) -> None:
    """Bring a run, whose row is locked, to its final status and tell all who listen."""
    run.status = status
    run.finished_at = func.now()
    run.quarantined = quarantine.mark(session, run)
    event = RunFinished(
        run_id=run.id,
        suite_id=run.suite_id,
        status=status,
        passed=run.passed,
        failed=run.failed,
        errored=run.errored,
        skipped=run.skipped,
        quarantined=run.quarantined,
    )
    with tracing.following(run.traceparent):
        outbox.add_event(session, event, key=run.id)
    live.announce(session, (run.id,))
