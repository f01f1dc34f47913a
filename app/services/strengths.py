"""How strong cases are: what the runs kept of it that measured it last."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVarTuple

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Integer, Select, cast, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.domain import strength
from app.domain.strength import CaseSummary
from app.models.case import Case
from app.models.run_case import RunCase

Columns = TypeVarTuple("Columns")

_SUMMARY = TypeAdapter(CaseSummary)


@dataclass(frozen=True, slots=True)
class Figures:
    """How strong a case was when that was measured last."""

    run_id: str
    noticed: int
    survived: int
    #: How many of its checks are.
    vacuous: int
    #: Whether the script is another one by now.
    is_outdated: bool

    @property
    def kill_rate(self) -> float | None:
        """Which part of the changed answers was noticed; None where none was decided."""
        return strength.rate(self.noticed, self.survived)


@dataclass(frozen=True, slots=True)
class Measured:
    """All that is known of the strength of a case."""

    run_id: str
    measured_at: dt.datetime
    is_outdated: bool
    summary: CaseSummary


def of_cases(session: Session, case_ids: Sequence[str]) -> Mapping[str, Figures]:
    """How strong each of the cases is; those that were never measured are left out."""
    figures = [_figure(name).label(name) for name in ("noticed", "survived", "vacuous")]
    rows = session.execute(
        _newest(select(RunCase.case_id, RunCase.run_id, _is_outdated(), *figures)).where(
            RunCase.case_id.in_(case_ids)
        )
    )
    return {
        row.case_id: Figures(row.run_id, row.noticed, row.survived, row.vacuous, row.is_outdated)
        for row in rows
    }


def of_case(session: Session, case_id: str) -> Measured | None:
    """How strong a case is; None where that was never measured."""
    columns = (RunCase.run_id, RunCase.finished_at, RunCase.strength, _is_outdated())
    row = session.execute(_newest(select(*columns)).where(RunCase.case_id == case_id)).one_or_none()
    if row is None:
        return None
    summary = _SUMMARY.validate_python(row.strength)
    return Measured(row.run_id, row.finished_at, row.is_outdated, summary)


def _newest(statement: Select[*Columns]) -> Select[*Columns]:
    """Of each case the run that measured it last."""
    return (
        statement.ext(distinct_on(RunCase.case_id))
        .join(Case, Case.id == RunCase.case_id)
        .where(RunCase.strength.is_not(None))
        .order_by(RunCase.case_id, RunCase.finished_at.desc())
    )


def _figure(name: str) -> ColumnElement[int]:
    return cast(RunCase.strength[name].astext, Integer)


def _is_outdated() -> ColumnElement[bool]:
    return (RunCase.script != Case.script).label("is_outdated")
