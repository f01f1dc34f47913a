"""Verdicts as people read them, and what people say instead.

A correction is of a failure of a check, by its fingerprint: it also holds when that comes again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.analytics.track import Freshness
from app.domain.analytics.verdicts import Cause, Evidence
from app.errors import ConflictError, InvalidInputError
from app.models.base import new_id
from app.models.correction import Correction
from app.models.run import Run
from app.models.verdict import Verdict
from app.services import browsing, lookup, paging
from app.services.text import storable

#: Characters of a note.
MAX_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Corrected:
    """What somebody said of a failure."""

    cause: Cause
    note: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a red result, with what somebody said instead of it."""

    result_id: str
    operation: str
    check: str
    #: What analytics says.
    found: Cause
    reason: str
    evidence: Sequence[Evidence]
    fingerprint: str
    freshness: Freshness
    since: dt.datetime
    since_run_id: str
    last_good_at: dt.datetime | None
    last_good_run_id: str | None
    correction: Corrected | None

    @property
    def cause(self) -> Cause:
        """What holds."""
        return self.correction.cause if self.correction else self.found


_SAME_FAILURE = and_(
    Correction.suite_id == Verdict.suite_id,
    Correction.operation == Verdict.operation,
    Correction.check == Verdict.check,
    Correction.fingerprint == Verdict.fingerprint,
)


def of_results(session: Session, result_ids: Collection[str]) -> Mapping[str, Judged]:
    """The verdicts on those of these results that have one, by result."""
    if not result_ids:
        return {}
    rows = session.execute(_with_corrections().where(Verdict.result_id.in_(result_ids))).all()
    return {row.result_id: _judged(row, correction) for row, correction in rows}


def of_run(
    session: Session,
    run_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Judged]:
    """The verdicts on a run's red results, by operation and check; raises NotFoundError."""
    run = lookup.row(session, Run, run_id)
    statement = select(Verdict).where(Verdict.run_id == run.id)
    order = paging.Order((Verdict.operation, Verdict.check, Verdict.result_id))
    page = paging.page(session, statement, order, cursor=cursor, limit=limit)
    known = of_results(session, [row.result_id for row in page.items])
    return page.map(lambda row: known[row.result_id])


def _with_corrections() -> Select[Verdict, Correction]:
    return select(Verdict, Correction).outerjoin(Correction, _SAME_FAILURE)


def _judged(row: Verdict, correction: Correction | None) -> Judged:
    corrected = None
    if correction is not None:
        corrected = Corrected(Cause(correction.cause), correction.note, correction.created_at)
    return Judged(
        row.result_id,
        row.operation,
        row.check,
        Cause(row.cause),
        row.reason,
        [_evidence(each) for each in row.evidence],
        row.fingerprint,
        Freshness(row.freshness),
        row.since,
        row.since_run_id,
        row.last_good_at,
        row.last_good_run_id,
        corrected,
    )


def _evidence(stored: Mapping[str, Any]) -> Evidence:
    return Evidence(Cause(stored["cause"]), stored["weight"], stored["text"])


def correct(
    session: Session,
    run_id: str,
    result_id: str,
    *,
    cause: str,
    note: str = "",
    user_id: str | None = None,
) -> Judged:
    """Say what the failure of a check has its reason in, in the place of the verdict.

    Raises NotFoundError, InvalidInputError, and ConflictError where there is no verdict (yet).
    """
    verdict = _verdict(session, run_id, result_id)
    said = {
        "cause": _cause(cause),
        "note": storable(note.strip(), MAX_NOTE),
        "created_by": user_id,
    }
    values = {
        "id": new_id(),
        "suite_id": verdict.suite_id,
        "operation": verdict.operation,
        "check": verdict.check,
        "fingerprint": verdict.fingerprint,
        **said,
    }
    session.execute(
        insert(Correction)
        .values(values)
        .on_conflict_do_update(
            index_elements=["suite_id", "operation", "check", "fingerprint"], set_=said
        )
    )
    session.expire_all()
    return of_results(session, [result_id])[result_id]


def withdraw(session: Session, run_id: str, result_id: str) -> Judged:
    """Let the verdict hold again; raises NotFoundError, and ConflictError as `correct` does."""
    verdict = _verdict(session, run_id, result_id)
    found = session.scalars(
        select(Correction).where(
            Correction.suite_id == verdict.suite_id,
            Correction.operation == verdict.operation,
            Correction.check == verdict.check,
            Correction.fingerprint == verdict.fingerprint,
        )
    ).one_or_none()
    if found is not None:
        session.delete(found)
        session.flush()
    return of_results(session, [result_id])[result_id]


def _verdict(session: Session, run_id: str, result_id: str) -> Verdict:
    result = browsing.result(session, run_id, result_id)
    verdict = session.get(Verdict, result.id)
    if verdict is None:
        raise ConflictError(
            "There is no verdict to correct.",
            where=result_id,
            hint="Red results have one as soon as analytics has counted their run.",
        )
    return verdict


def _cause(text: str) -> Cause:
    try:
        return Cause(text)
    except ValueError as error:
        raise InvalidInputError(
            "There is no such cause.", where="cause", hint=f"One of: {', '.join(Cause)}."
        ) from error
