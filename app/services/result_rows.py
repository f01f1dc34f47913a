"""The statements that write results and what follows from them, for cases of any runs at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    String,
    Table,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine

from app.domain.outcomes import Outcome, Status
from app.domain.results import CaseFinished, CheckFinished
from app.models.base import new_id
from app.models.result import Result
from app.models.run_case import RunCase
from app.models.run_shard import RunShard
from app.services import arrays
from app.services.text import storable, storable_json_text, storable_name

NO_CHECKS = "The case ended without a check."

#: Characters kept of each text of a result.
TEXT_LIMIT = 128 * 1024

_Types = Mapping[str, TypeEngine[Any]]


class Place(NamedTuple):
    """A case of a run."""

    run_id: str
    case_id: str


class Check(NamedTuple):
    """A result to be written: what an attempt tells of a check."""

    place: Place
    operation: str
    attempt: int
    event: CheckFinished


class End(NamedTuple):
    """What the attempt that decides a case tells of its end."""

    place: Place
    operation: str
    attempt: int
    event: CaseFinished


_RESULTS: Final[Table] = Result.__table__  # type: ignore[assignment]  # declared as a FromClause
_CASES: Final[Table] = RunCase.__table__  # type: ignore[assignment]  # declared as a FromClause
_SHARDS: Final[Table] = RunShard.__table__  # type: ignore[assignment]  # declared as a FromClause

_OPEN: Final = (Status.QUEUED, Status.RUNNING)
_PLACE: Final[_Types] = {"run_id": String(), "case_id": String()}
_JSON: Final = frozenset({"exchanges", "reruns", "deletions"})
_RESULT: Final[_Types] = {
    name: Text() if name in _JSON else _RESULTS.c[name].type
    for name in (
        *("id", "run_id", "case_id", "operation", "check", "attempt", "outcome", "intent"),
        *("message", "traceback", "output", "duration_seconds", "exchanges", "reruns", "is_flaky"),
    )
}


def open_cases(session: Session, places: Collection[Place]) -> Mapping[Place, str]:
    """The operations of those cases that no attempt has finished."""
    asked = arrays.table("asked", _PLACE, places)
    columns = (_CASES.c.run_id, _CASES.c.case_id, _CASES.c.operation)
    rows = session.execute(
        select(*columns).where(_is_of(_CASES, asked), _CASES.c.status.in_(_OPEN))
    )
    return {Place(run_id, case_id): operation for run_id, case_id, operation in rows}


def hear(session: Session, shards: Collection[tuple[str, int]]) -> None:
    """Note that something was heard of shards: the ids of their runs, and their numbers."""
    heard = arrays.table("heard", {"run_id": String(), "number": Integer()}, shards)
    _execute(
        session,
        update(_SHARDS)
        .where(_SHARDS.c.run_id == heard.c.run_id, _SHARDS.c.number == heard.c.number)
        .values(heard_at=func.now(), started_at=func.coalesce(_SHARDS.c.started_at, func.now())),
    )


def write(session: Session, checks: Sequence[Check]) -> int:
    """Write results; how many were not known yet."""
    return _insert(session, checks)


def write_ends(session: Session, ends: Sequence[End]) -> int:
    """Write a result for each case that broke as a whole or ended without a check; how many."""
    checks = [Check(end.place, end.operation, end.attempt, _whole(end.event)) for end in ends]
    return _insert(session, checks, is_end=True)


def _whole(event: CaseFinished) -> CheckFinished:
    return CheckFinished(
        event.case_id,
        check="",
        outcome=event.outcome,
        message=event.message,
        duration_seconds=event.duration_seconds,
    )


def _insert(session: Session, checks: Sequence[Check], *, is_end: bool = False) -> int:
    given = arrays.table("given", _RESULT, [tuple(_row(check)) for check in checks])
    columns: dict[str, ColumnElement[Any]] = {
        each.name: cast(each, JSONB) if each.name in _JSON else each for each in given.c
    }
    rows = select()
    if is_end:
        known = exists().where(_is_of(_RESULTS, given))
        columns["message"] = func.coalesce(func.nullif(given.c.message, ""), NO_CHECKS)
        rows = rows.where(or_(given.c.message != "", ~known))
    rows = rows.add_columns(*columns.values())
    statement = insert(_RESULTS).from_select(list(columns), rows).on_conflict_do_nothing()
    return _execute(session, statement)


def _row(check: Check) -> Iterator[object]:
    """The values of the columns of a result, in their order."""
    event = check.event
    yield new_id()
    yield from check.place
    yield check.operation
    yield storable_name(event.check, 300)
    yield check.attempt
    yield event.outcome
    for text in (event.intent, event.message, event.traceback, event.output):
        yield storable(text, TEXT_LIMIT)
    yield event.duration_seconds
    yield storable_json_text(event.exchanges)
    yield storable_json_text(event.reruns)
    yield event.is_flaky


def start(session: Session, places: Collection[Place]) -> None:
    """Note that cases run."""
    started = arrays.table("started", _PLACE, places)
    _execute(session, update(_CASES).where(_is_of(_CASES, started)).values(status=Status.RUNNING))


def finish(session: Session, ends: Collection[End]) -> None:
    """Note how cases ended, and forget what other attempts told of them."""
    types = {**_PLACE, "attempt": Integer(), "outcome": String(), "message": Text()}
    types |= {"duration_seconds": Float(), "deletions": Text(), "strength": Text()}
    ended = arrays.table("ended", types, [tuple(_end(end)) for end in ends])
    _execute(
        session,
        update(_CASES)
        .where(_is_of(_CASES, ended))
        .values(
            status=Status.FINISHED,
            finished_at=func.now(),
            outcome=ended.c.outcome,
            message=ended.c.message,
            duration_seconds=ended.c.duration_seconds,
            deletions=cast(ended.c.deletions, JSONB),
            strength=cast(ended.c.strength, JSONB),
        ),
    )
    _execute(
        session,
        delete(_RESULTS).where(_is_of(_RESULTS, ended), _RESULTS.c.attempt != ended.c.attempt),
    )


def _end(end: End) -> Iterator[object]:
    event = end.event
    yield from end.place
    yield end.attempt
    yield event.outcome
    yield storable(event.message, TEXT_LIMIT)
    yield event.duration_seconds
    yield storable_json_text(event.deletions)
    yield None if event.strength is None else storable_json_text(event.strength)


def finish_shards(session: Session, run_ids: Collection[str]) -> None:
    """Note which shards of runs have no case left."""
    unfinished = exists().where(
        _CASES.c.run_id == _SHARDS.c.run_id,
        _CASES.c.shard == _SHARDS.c.number,
        _CASES.c.status.in_(_OPEN),
    )
    runs = arrays.table("runs_heard", {"run_id": String()}, [(run_id,) for run_id in run_ids])
    _execute(
        session,
        update(_SHARDS)
        .where(_SHARDS.c.run_id == runs.c.run_id, _SHARDS.c.finished_at.is_(None), ~unfinished)
        .values(finished_at=func.now()),
    )


def outcomes(session: Session, places: Collection[Place]) -> Iterator[tuple[str, Outcome, int]]:
    """How many checks of cases ended how: the ids of their runs, outcomes, and counts."""
    asked = arrays.table("asked", _PLACE, places)
    columns = (_RESULTS.c.run_id, _RESULTS.c.outcome)
    counted = select(*columns, func.count()).where(_is_of(_RESULTS, asked)).group_by(*columns)
    for run_id, outcome, count in session.execute(counted):
        yield run_id, Outcome(outcome), count


def _is_of(rows: Table, places: TableValuedAlias) -> ColumnElement[bool]:
    return and_(rows.c.run_id == places.c.run_id, rows.c.case_id == places.c.case_id)


def _execute(session: Session, statement: UpdateBase) -> int:
    """Execute on the rows themselves, of which the session knows none; how many were changed."""
    changed: int = session.connection().execute(statement).rowcount
    return changed
