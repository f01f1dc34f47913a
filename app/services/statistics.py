"""Statistics: what is known of each check over all runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import case, func, null, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome, Status
from app.models.check_statistic import CheckStatistic
from app.models.result import Result
from app.models.run import Run
from app.models.run_case import RunCase
from app.services.text import storable


def apply(session: Session, run_id: str) -> bool:
    """Count the results of a finished run in; whether it was done.

    Does nothing for a run that was counted, is not finished, or is not there: an event may come
    twice.
    """
    claimed = session.execute(
        update(Run)
        .where(Run.id == storable(run_id), Run.analysed_at.is_(None), Run.finished_at.is_not(None))
        .values(analysed_at=func.now())
        .returning(Run)
    ).scalar_one_or_none()
    if claimed is None:
        return False
    rows = _observations(session, claimed)
    if rows:
        _merge(session, rows)
    return True


def _observations(session: Session, run: Run) -> Sequence[Mapping[str, object]]:
    """One row for each check that the run decided; a skip decides nothing."""
    found = session.execute(
        select(Result.operation, Result.check, Result.outcome)
        .ext(distinct_on(Result.operation, Result.check))
        .join(RunCase, (RunCase.run_id == Result.run_id) & (RunCase.case_id == Result.case_id))
        .where(
            Result.run_id == run.id,
            Result.outcome != Outcome.SKIPPED,
            Result.check != "",
            RunCase.status == Status.FINISHED,
        )
        .order_by(Result.operation, Result.check, Result.id)
    )
    return [_row(run, *observation) for observation in found]


def _row(run: Run, operation: str, check: str, outcome: str) -> Mapping[str, object]:
    is_passed = outcome == Outcome.PASSED
    return {
        "suite_id": run.suite_id,
        "operation": operation,
        "check": check,
        "runs": 1,
        "passed": int(is_passed),
        "last_outcome": outcome,
        "last_run_id": run.id,
        "last_passed_at": run.finished_at if is_passed else None,
        "failing_since_run_id": None if is_passed else run.id,
        "failing_since": None if is_passed else run.finished_at,
    }


def _merge(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    statement = insert(CheckStatistic)
    new = statement.excluded
    passed = new.last_outcome == Outcome.PASSED
    known = CheckStatistic
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[known.suite_id, known.operation, known.check],
            set_={
                "runs": known.runs + 1,
                "passed": known.passed + new.passed,
                "last_outcome": new.last_outcome,
                "last_run_id": new.last_run_id,
                "last_passed_at": func.coalesce(new.last_passed_at, known.last_passed_at),
                "failing_since_run_id": case(
                    (passed, null()),
                    else_=func.coalesce(known.failing_since_run_id, new.failing_since_run_id),
                ),
                "failing_since": case(
                    (passed, null()), else_=func.coalesce(known.failing_since, new.failing_since)
                ),
            },
        ),
        rows,
    )


def of_suite(session: Session, suite_id: str) -> Mapping[tuple[str, str], CheckStatistic]:
    """The statistics of a suite's checks by operation and check."""
    found = session.scalars(select(CheckStatistic).where(CheckStatistic.suite_id == suite_id))
    return {(row.operation, row.check): row for row in found}
