"""Reads what a run brought: light rows, of which the database has taken texts and bodies away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, literal_column, select
from sqlalchemy.orm import Session

from app.domain.analytics.coverage import Sent
from app.domain.analytics.facts import Asked, CaseFacts, Change, CheckFacts, RunFacts
from app.domain.outcomes import Outcome, Status
from app.models.api_description import ApiDescription
from app.models.result import Result
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.suite import Suite
from app.models.version import Version

#: Results that come from the database at once.
BATCH = 2000

RED = (Outcome.FAILED, Outcome.ERRORED)

#: Of each exchange: method, URL, status, error, whether there was a body, names of headers.
_EXCHANGES: ColumnElement[Any] = literal_column(
    """(SELECT jsonb_agg(jsonb_build_array(
        e -> 'method', e -> 'url', e -> 'status', e -> 'error', e #>> '{request,body}' <> '',
        (SELECT jsonb_agg(h -> 0) FROM jsonb_array_elements(e #> '{request,headers}') AS h)))
    FROM jsonb_array_elements(results.exchanges) AS e)"""
)
_RERUNS: ColumnElement[Any] = literal_column(
    "(SELECT jsonb_agg(r -> 'outcome') FROM jsonb_array_elements(results.reruns) AS r)"
)


@dataclass(slots=True)
class Brought:
    """What a run brought: the facts, and the requests it sent."""

    run: RunFacts
    sent: list[Sent] = field(default_factory=list)


def of_run(session: Session, run: Run) -> Brought:
    """All that a finished run brought; of a cancelled one, the cases that came to their end."""
    sent: list[Sent] = []
    scripts = _cases(session, run.id)
    grouped = groupby(_results(session, run.id), attrgetter("operation"))
    cases = [_case(key, scripts[key], list(rows), sent) for key, rows in grouped]
    took = (run.finished_at - (run.started_at or run.created_at)) if run.finished_at else None
    facts = RunFacts(
        run_id=run.id,
        at=run.finished_at or run.created_at,
        duration_seconds=took.total_seconds() if took else 0.0,
        is_whole=run.is_whole and run.status == Status.FINISHED,
        cases=cases,
        place=hashlib.sha256(run.base_url.encode()).hexdigest()[:8],
    )
    return Brought(facts, sent)


def _cases(session: Session, run_id: str) -> Mapping[str, tuple[str, float]]:
    """Digest of the script and duration of each finished case, by operation."""
    rows = session.execute(
        select(RunCase.operation, func.md5(RunCase.script), RunCase.duration_seconds).where(
            RunCase.run_id == run_id, RunCase.status == Status.FINISHED
        )
    )
    return {operation: (digest, seconds) for operation, digest, seconds in rows}


def _results(session: Session, run_id: str) -> Iterator[Row[Any]]:
    is_red = Result.outcome.in_(RED)
    rows = session.execute(
        select(
            Result.id,
            Result.operation,
            Result.check,
            Result.outcome,
            Result.duration_seconds,
            Result.is_quarantined,
            case((is_red, Result.message), else_="").label("message"),
            _RERUNS.label("reruns"),
            _EXCHANGES.label("exchanges"),
        )
        .join(RunCase, (RunCase.run_id == Result.run_id) & (RunCase.case_id == Result.case_id))
        .where(Result.run_id == run_id, RunCase.status == Status.FINISHED)
        .order_by(Result.operation.collate("C"), Result.check.collate("C"), Result.id)
        .execution_options(yield_per=BATCH)
    )
    yield from rows


def _case(
    operation: str, case_of_run: tuple[str, float], rows: Sequence[Row[Any]], sent: list[Sent]
) -> CaseFacts:
    script, seconds = case_of_run
    found = [_sent(each) for row in rows for each in row.exchanges or () if each[2] is not None]
    sent.extend(found)
    return CaseFacts(
        operation, script, seconds, [_check(row) for row in rows], was_answered=bool(found)
    )


def _sent(exchange: Sequence[Any]) -> Sent:
    method, url, status, _, has_body, headers = exchange
    return Sent(method, url, tuple(headers or ()), bool(has_body), status)


def _check(row: Row[Any]) -> CheckFacts:
    outcome = Outcome(row.outcome)
    asked = [Asked(*each[:4]) for each in row.exchanges or ()] if outcome in RED else []
    return CheckFacts(
        result_id=row.id,
        check=row.check,
        outcome=outcome,
        duration_seconds=row.duration_seconds,
        message=row.message,
        asked=asked,
        reruns=[Outcome(each) for each in row.reruns or ()],
        is_quarantined=row.is_quarantined,
    )


def changes(session: Session, suite_id: str) -> Mapping[str, Sequence[Change]]:
    """Versions of a suite's description that touched an operation, oldest first, by operation."""
    rows = session.execute(
        select(Version.number, Version.created_at, Version.changes)
        .join(ApiDescription, ApiDescription.id == Version.api_description_id)
        .join(Suite, Suite.api_description_id == ApiDescription.id)
        .where(Suite.id == suite_id)
        .order_by(Version.number)
    )
    found: dict[str, list[Change]] = {}
    for number, at, changed in rows:
        for operation in (*changed["added"], *changed["changed"]):
            found.setdefault(operation, []).append(Change(number, at))
    return found
