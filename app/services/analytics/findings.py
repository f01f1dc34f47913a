"""Keeps what a run showed: verdicts, groups of failures, anomalies, coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.analytics.coverage import Cell
from app.domain.analytics.facts import RunFacts
from app.domain.analytics.found import Finding, Found, Strange
from app.models.anomaly import Anomaly
from app.models.base import Base
from app.models.check_statistic import CheckStatistic
from app.models.coverage_cell import CoverageCell
from app.models.failure_group import FailureGroup
from app.models.operation_statistic import OperationStatistic
from app.models.verdict import Verdict
from app.services.analytics import keeping

#: What is made from runs, and made again by a rebuild.
DERIVED: tuple[type[Base], ...] = (
    CheckStatistic,
    OperationStatistic,
    Verdict,
    FailureGroup,
    Anomaly,
    CoverageCell,
)


def forget(session: Session, suite_id: str) -> None:
    """Remove all that was made from a suite's runs."""
    for kind in DERIVED:
        table = kind.__table__
        assert isinstance(table, Table)  # noqa: S101 - every model here is one
        session.execute(delete(table).where(table.c.suite_id == suite_id))
    session.expire_all()


def keep(
    session: Session, suite_id: str, run: RunFacts, found: Found, cells: Counter[Cell]
) -> None:
    """Write what a run showed; what is counted is added to what there is."""
    verdicts = [_verdict(suite_id, run, each) for each in found.findings]
    keeping.upsert(session, Verdict, verdicts)
    keeping.upsert(session, Anomaly, [_anomaly(suite_id, run, each) for each in found.strange])
    _add_groups(session, suite_id, run, found)
    _add_cells(session, suite_id, run, cells)


def _verdict(suite_id: str, run: RunFacts, found: Finding) -> Mapping[str, Any]:
    good = found.last_good
    return {
        "result_id": found.result_id,
        "run_id": run.run_id,
        "suite_id": suite_id,
        "operation": found.operation,
        "check": found.check,
        "cause": found.verdict.cause,
        "reason": found.verdict.reason,
        "evidence": [asdict(each) for each in found.verdict.evidence],
        "fingerprint": found.fingerprint,
        "freshness": found.freshness,
        "since_run_id": found.since.run_id,
        "since": found.since.at,
        "last_good_run_id": good.run_id if good else None,
        "last_good_at": good.at if good else None,
    }


def _anomaly(suite_id: str, run: RunFacts, found: Strange) -> Mapping[str, Any]:
    usual = found.anomaly.usual
    return {
        "run_id": run.run_id,
        "operation": found.operation,
        "check": found.check,
        "measure": found.anomaly.measure,
        "suite_id": suite_id,
        "value": found.anomaly.value,
        "median": usual.median,
        "spread": usual.spread,
        "sample": usual.sample,
        "at": run.at,
    }


def _add_groups(session: Session, suite_id: str, run: RunFacts, found: Found) -> None:
    counts = Counter(each.fingerprint for each in found.findings)
    titles = {each.fingerprint: each.title for each in found.findings}
    rows = [
        {
            "suite_id": suite_id,
            "fingerprint": fingerprint,
            "title": titles[fingerprint],
            "results": amount,
            "runs": 1,
            "first_run_id": run.run_id,
            "first_at": run.at,
            "last_run_id": run.run_id,
            "last_at": run.at,
        }
        for fingerprint, amount in sorted(counts.items())
    ]
    statement = insert(FailureGroup)
    new = statement.excluded
    added = {
        "results": FailureGroup.results + new.results,
        "runs": FailureGroup.runs + 1,
        "last_run_id": new.last_run_id,
        "last_at": new.last_at,
    }
    keys = [FailureGroup.suite_id, FailureGroup.fingerprint]
    if rows:
        session.connection().execute(
            statement.on_conflict_do_update(index_elements=keys, set_=added), rows
        )


def _add_cells(session: Session, suite_id: str, run: RunFacts, cells: Counter[Cell]) -> None:
    ordered = sorted(cells, key=lambda each: (each.operation, each.status, each.parameter))
    rows = [
        {
            "suite_id": suite_id,
            **asdict(cell),
            "requests": cells[cell],
            "last_run_id": run.run_id,
            "last_at": run.at,
        }
        for cell in ordered
    ]
    statement = insert(CoverageCell)
    new = statement.excluded
    added = {
        "requests": CoverageCell.requests + new.requests,
        "last_run_id": new.last_run_id,
        "last_at": new.last_at,
    }
    if rows:
        session.connection().execute(
            statement.on_conflict_do_update(constraint="pk_coverage_cells", set_=added), rows
        )
