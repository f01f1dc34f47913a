"""Keeps the book of a suite in its tables, and opens it again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.analytics.book import Book, Check, Operation, Surroundings
from app.domain.analytics.flakiness import Quarantine
from app.domain.analytics.track import Good, Mark, Streak, Track
from app.domain.outcomes import Outcome
from app.models.base import Base
from app.models.check_statistic import CheckStatistic
from app.models.operation_statistic import OperationStatistic
from app.models.suite_statistic import SuiteStatistic
from app.models.tracked import Tracked

Kept = TypeVar("Kept", CheckStatistic, OperationStatistic)

#: Makes the identifiers of checks (UUID 5, RFC 9562): the same after every rebuild.
_CHECKS = uuid.UUID("6d5f7c0e-5d0f-4d0c-9d3e-0a3c9d6f3b11")


def check_id(suite_id: str, operation: str, check: str) -> str:
    """The identifier of a check of a suite."""
    return str(uuid.uuid5(_CHECKS, f"{suite_id}\n{operation}\n{check}"))


def open_book(
    session: Session,
    known: SuiteStatistic,
    around: Surroundings,
    operations: Collection[str] | None,
) -> Book:
    """The book of a suite as it is kept, for some operations only, or (None) for all."""
    book = Book(around)
    book.suite = _track(known)
    book.last_run_id = known.last_run_id
    for row in _rows(session, OperationStatistic, known.suite_id, operations):
        book.operations[row.operation] = Operation(_track(row), row.last_run_id, row.is_retired)
    for check in _rows(session, CheckStatistic, known.suite_id, operations):
        book.checks_of(check.operation)[check.check] = _check(check)
    return book


def _rows(
    session: Session, kind: type[Kept], suite_id: str, operations: Collection[str] | None
) -> Sequence[Kept]:
    statement = select(kind).where(kind.suite_id == suite_id)
    if operations is not None:
        statement = statement.where(kind.operation.in_(operations))
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def _track(row: Tracked) -> Track:
    good = None
    if row.last_passed_at is not None:
        good = Good(row.last_passed_run_id or "", row.last_passed_at, row.last_good_script)
    streak = None
    if row.failing_since is not None:
        streak = Streak(row.failing_since_run_id or "", row.failing_since)
    window = tuple(_mark(each) for each in row.window)
    return Track(row.runs, row.passed, window, row.script, good, streak)


def _mark(kept: Sequence[Any]) -> Mark:
    at, passed, decided, seconds, signs, place = kept
    return Mark(
        dt.datetime.fromisoformat(at),
        passed,
        decided,
        seconds,
        is_shaky="s" in signs,
        is_rewritten="w" in signs,
        place=place,
    )


def _check(row: CheckStatistic) -> Check:
    quarantine = None
    if row.quarantined_at is not None and row.quarantined_until is not None:
        quarantine = Quarantine(row.quarantined_at, row.quarantined_until, row.quarantine_reason)
    return Check(
        _track(row),
        row.last_run_id,
        Outcome(row.last_outcome),
        row.last_result_id,
        row.fingerprint,
        quarantine,
        row.is_retired,
    )


def close_book(session: Session, known: SuiteStatistic, book: Book) -> None:
    """Keep what has changed in a book."""
    for name, value in _columns(book.suite).items():
        setattr(known, name, value)
    known.last_run_id = book.last_run_id
    session.flush()
    operations = [
        _operation_row(known.suite_id, key, book.operations[key])
        for key in sorted(book.changed_operations)
    ]
    upsert(session, OperationStatistic, operations)
    checks = [
        _check_row(known.suite_id, operation, check, book.checks[operation][check])
        for operation, check in sorted(book.changed_checks)
    ]
    upsert(session, CheckStatistic, checks)


def upsert(session: Session, kind: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows that have all columns, in the place of those there are."""
    if not rows:
        return
    statement = insert(kind)
    keys = [column.name for column in kind.__table__.primary_key]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    # Many rows for a statement that is made once: with the values in it, making it takes longest.
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=keys, set_=others), rows
    )


def _columns(track: Track) -> dict[str, Any]:
    good, streak = track.last_good, track.streak
    return {
        "runs": track.runs,
        "passed": track.green,
        "window": [_kept(mark) for mark in track.window],
        "script": track.script,
        "last_good_script": good.script if good else "",
        "last_passed_run_id": good.run_id if good else None,
        "last_passed_at": good.at if good else None,
        "failing_since_run_id": streak.run_id if streak else None,
        "failing_since": streak.at if streak else None,
        "pass_rate": track.pass_rate,
        "flip_rate": track.flip_rate,
        "p50_seconds": track.duration(0.5),
        "p95_seconds": track.duration(0.95),
    }


def _kept(mark: Mark) -> list[object]:
    signs = "s" * mark.is_shaky + "w" * mark.is_rewritten
    moment = mark.at.astimezone(dt.UTC).isoformat()
    return [moment, mark.passed, mark.decided, mark.duration_seconds, signs, mark.place]


def _operation_row(suite_id: str, operation: str, known: Operation) -> Mapping[str, Any]:
    return {
        "suite_id": suite_id,
        "operation": operation,
        "last_run_id": known.last_run_id,
        "is_retired": known.is_retired,
        **_columns(known.track),
    }


def _check_row(suite_id: str, operation: str, check: str, known: Check) -> Mapping[str, Any]:
    quarantine = known.quarantine
    return {
        "suite_id": suite_id,
        "operation": operation,
        "check": check,
        "id": check_id(suite_id, operation, check),
        "last_run_id": known.last_run_id,
        "last_outcome": known.last_outcome,
        "last_result_id": known.result_id,
        "fingerprint": known.fingerprint,
        "quarantined_at": quarantine.since if quarantine else None,
        "quarantined_until": quarantine.until if quarantine else None,
        "quarantine_reason": quarantine.reason if quarantine else "",
        "is_retired": known.is_retired,
        **_columns(known.track),
    }
