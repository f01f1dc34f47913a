"""What pages list: light rows, without scripts, tracebacks and exchanges until one is opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, true, tuple_
from sqlalchemy.orm import Session, load_only

from app.domain.outcomes import Outcome
from app.domain.results import Deletion
from app.errors import NotFoundError
from app.models.case import Case
from app.models.check_statistic import CheckStatistic
from app.models.operation import Operation
from app.models.result import Result
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.suite import Suite
from app.services import cases, lookup, paging, runs, strengths, suites
from app.services.text import storable

#: Columns of a result that a list shows.
LIGHT = (
    Result.id,
    Result.run_id,
    Result.case_id,
    Result.operation,
    Result.check,
    Result.attempt,
    Result.outcome,
    Result.message,
    Result.duration_seconds,
    Result.is_flaky,
    Result.is_quarantined,
    Result.created_at,
)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list."""

    id: str
    operation: str
    module: str
    #: How many notes the writer left.
    notes: int
    #: Whether somebody changed what was generated.
    is_edited: bool
    #: Whether what was generated waits for somebody to choose what is taken over.
    is_waiting: bool
    last: cases.LastOutcome | None
    strength: strengths.Figures | None


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What a case of a run created and could not be deleted after it."""

    operation: str
    deletion: Deletion


def case_count(session: Session, suite_id: str, *, archived: bool = False) -> int:
    """How many cases a suite has, or how many of them are archived."""
    of_suite = (Case.suite_id == suite_id, _standing(archived=archived))
    return session.scalar(select(func.count()).where(*of_suite)) or 0


def case_lines(
    session: Session,
    suite_id: str,
    *,
    q: str = "",
    archived: bool = False,
    waiting: bool = False,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[CaseLine]:
    """The cases of a suite, or those archived, whose operation holds `q`, by path and method.

    `waiting` leaves those for which somebody has to choose what is taken over.

    Raises NotFoundError for the suite.
    """
    statement = (
        select(Case)
        .where(Case.suite_id == suites.get(session, suite_id).id, _standing(archived=archived))
        .where(Case.operation.icontains(storable(q, 500), autoescape=True))
        .where(cases.IS_WAITING if waiting else true())
        .options(load_only(Case.id, Case.operation, Case.module, Case.notes, raiseload=True))
    )
    page = paging.page(session, statement, cases.BY_PATH, cursor=cursor, limit=limit)
    ids = [found.id for found in page.items]
    edited = _which(session, ids, Case.script != Case.generated_script)
    waits = _which(session, ids, cases.IS_WAITING)
    last, strong = cases.last_outcomes(session, ids), strengths.of_cases(session, ids)
    return page.map(lambda found: _line(found, edited, waits, last, strong))


def _line(
    found: Case,
    edited: Collection[str],
    waits: Collection[str],
    last: Mapping[str, cases.LastOutcome],
    strong: Mapping[str, strengths.Figures],
) -> CaseLine:
    return CaseLine(
        found.id,
        found.operation,
        found.module,
        len(found.notes),
        found.id in edited,
        found.id in waits,
        last.get(found.id),
        strong.get(found.id),
    )


def _standing(*, archived: bool) -> ColumnElement[bool]:
    return cases.IS_ARCHIVED if archived else cases.IS_ACTIVE


def _which(session: Session, ids: Sequence[str], condition: ColumnElement[bool]) -> Collection[str]:
    return set(session.scalars(select(Case.id).where(Case.id.in_(ids), condition)))


def operation_of(session: Session, suite: Suite, key: str) -> Operation | None:
    """The operation that a case of the suite is for; None where it is documented no more."""
    return session.scalars(
        select(Operation).where(
            Operation.api_description_id == suite.api_description_id, Operation.key == key
        )
    ).one_or_none()


def result_lines(
    session: Session,
    run_id: str,
    *,
    outcome: str | None = None,
    q: str = "",
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Result]:
    """The results of a run by operation: those with something red first, and red first in each.

    Raises NotFoundError, and InvalidInputError for an outcome that there is not.
    """
    statement = select(Result).where(*runs.conditions(session, run_id, outcome=outcome, q=q))
    worst = (
        select(Result.operation, func.min(_rank()).label("rank"))
        .where(Result.run_id == run_id)
        .group_by(Result.operation)
        .subquery()
    )
    keys = (worst.c.rank, Result.operation, _rank(), Result.check, Result.id)
    light = statement.join(worst, worst.c.operation == Result.operation)
    return paging.page(session, _lightly(light), paging.Order(keys), cursor=cursor, limit=limit)


def _rank() -> ColumnElement[int]:
    places = {value.value: place for place, value in enumerate(runs.SEVERITY)}
    return case(places, value=Result.outcome)


def _lightly(statement: Select[Result]) -> Select[Result]:
    return statement.options(load_only(*LIGHT, raiseload=True))


def last_results(session: Session, case_id: str) -> Sequence[Result]:
    """The results of a case in the run in which it ended last, in the order they were made."""
    last = cases.last_outcomes(session, [case_id]).get(case_id)
    if last is None:
        return ()
    of_case = select(Result).where(Result.case_id == case_id, Result.run_id == last.run_id)
    return session.scalars(_lightly(of_case).order_by(_rank(), Result.check)).all()


def result(session: Session, run_id: str, result_id: str) -> Result:
    """One result of a run, whole; raises NotFoundError."""
    found = lookup.row(session, Result, result_id)
    if found.run_id != run_id:
        raise NotFoundError("There is no such result of this run.", where=result_id)
    return found


def deletions(session: Session, run_id: str, case_id: str) -> Sequence[Deletion]:
    """How a case of a run was cleaned up after."""
    of_case = (RunCase.run_id == run_id, RunCase.case_id == case_id)
    return _deletions(session.scalars(select(RunCase.deletions).where(*of_case)).one())


def left_behind(session: Session, run_id: str) -> Sequence[LeftBehind]:
    """What the cases of a run created and could not be deleted after them, by operation."""
    remarked = func.jsonb_path_exists(RunCase.deletions, '$[*] ? (@.remark != "")')
    rows = session.execute(
        select(RunCase.operation, RunCase.deletions)
        .where(RunCase.run_id == run_id, remarked)
        .order_by(RunCase.operation, RunCase.case_id)
    )
    return [
        LeftBehind(operation, deletion)
        for operation, stored in rows
        for deletion in _deletions(stored)
        if deletion.remark
    ]


def _deletions(stored: Sequence[Mapping[str, Any]]) -> Sequence[Deletion]:
    return [Deletion(**each) for each in stored]


def failing_since(
    session: Session, run: Run, results: Sequence[Result]
) -> Mapping[tuple[str, str], dt.datetime]:
    """Since when red checks have been red, by operation and check: what was so before this run."""
    known = CheckStatistic
    checks = [(each.operation, each.check) for each in results if Outcome(each.outcome).is_red]
    if not checks:
        return {}
    rows = session.execute(
        select(known.operation, known.check, known.failing_since).where(
            known.suite_id == run.suite_id,
            known.failing_since < run.created_at,
            tuple_(known.operation, known.check).in_(checks),
        )
    )
    return {(operation, check): since for operation, check, since in rows if since}


def suite_names(session: Session, suite_ids: Collection[str]) -> Mapping[str, str]:
    """Names of suites by id."""
    rows = session.execute(select(Suite.id, Suite.name).where(Suite.id.in_(suite_ids)))
    return {row.id: row.name for row in rows}
