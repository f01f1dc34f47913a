"""Quarantine: flaky checks whose failures do not count, for a time or until somebody lifts it."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.errors import ConflictError, NotFoundError
from app.models.base import new_id
from app.models.check_statistic import CheckStatistic
from app.models.quarantine_lift import QuarantineLift
from app.models.result import Result
from app.models.run import Run
from app.services.text import storable

RED = (Outcome.FAILED, Outcome.ERRORED)


def mark(session: Session, run: Run) -> int:
    """Mark the red results of a run that ends now whose check is in quarantine, and count them."""
    if not run.failed + run.errored:
        return 0
    known = CheckStatistic
    marked = session.execute(
        update(Result)
        .where(
            Result.run_id == run.id,
            Result.outcome.in_(RED),
            known.suite_id == run.suite_id,
            known.operation == Result.operation,
            known.check == Result.check,
            known.quarantined_at <= func.now(),
            known.quarantined_until > func.now(),
        )
        .values(is_quarantined=True)
        .returning(Result.id)
        .execution_options(synchronize_session=False)
    )
    return len(marked.all())


def lift(session: Session, check_id: str, *, user_id: str | None = None) -> CheckStatistic:
    """End the quarantine of a check now; what it did until now is not held against it again.

    Raises NotFoundError, and ConflictError where it is in none.
    """
    known = get(session, check_id)
    # Whoever counts runs of the suite writes this row: wait for it.
    session.refresh(known, with_for_update=True)
    now = session.scalars(select(func.clock_timestamp())).one()
    if known.quarantined_until is None or known.quarantined_until <= now:
        raise ConflictError("The check is not in quarantine.", where=check_id)
    session.add(
        QuarantineLift(
            id=new_id(),
            suite_id=known.suite_id,
            operation=known.operation,
            check=known.check,
            created_by=user_id,
            created_at=now,
        )
    )
    known.quarantined_until = now
    session.flush()
    return known


def get(session: Session, check_id: str) -> CheckStatistic:
    """What is known of a check, by its identifier; raises NotFoundError."""
    found = session.scalars(
        select(CheckStatistic).where(CheckStatistic.id == storable(check_id))
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such check.", where=check_id[:100])
    return found
