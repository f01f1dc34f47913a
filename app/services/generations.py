"""Generations: having the cases of a suite written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Status
from app.errors import InvalidInputError, PlatformError
from app.messages import commands
from app.messages.events import GenerationFinished
from app.models.base import new_id
from app.models.case import Case
from app.models.generation import Generation
from app.models.operation import Operation
from app.models.suite import Suite
from app.openapi import model
from app.services import cases, descriptions, lookup, outbox, paging, suites, writers
from app.services.text import storable

SCOPES = ("all", "missing", "chosen")

#: Cases written in one transaction: progress is seen, and little is done again after a crash.
BATCH = 20


def request(
    session: Session,
    suite_id: str,
    *,
    provider: str = "offline",
    scope: str = "all",
    operation_ids: Sequence[str] = (),
    prompt: str = "",
    is_reviewed: bool = False,
    user_id: str | None = None,
) -> Generation:
    """Ask for the cases of a suite: of "all" operations, the "missing" or the "chosen" ones.

    `is_reviewed` has what it would change of a case wait until somebody has looked at it.
    Raises NotFoundError for the suite and InvalidInputError for the rest.
    """
    writers.check(provider)
    suite = suites.get(session, suite_id)
    keys = _keys(session, suite, scope, operation_ids)
    generation = Generation(
        id=new_id(),
        suite_id=suite.id,
        provider=provider,
        prompt=storable(prompt, 20_000),
        is_reviewed=is_reviewed,
        operations=keys,
        scope=scope,
        status=Status.QUEUED,
        total=len(keys),
        created_by=user_id,
    )
    session.add(generation)
    outbox.add_command(session, commands.write_cases(generation.id))
    return generation


def _keys(session: Session, suite: Suite, scope: str, ids: Sequence[str]) -> Sequence[str]:
    if scope not in SCOPES:
        raise InvalidInputError(
            "This is no choice of operations.", where="operations", hint=f"One of: {SCOPES}."
        )
    known = descriptions.all_operations(session, suite.api_description_id)
    if scope == "all":
        return [operation.key for operation in known]
    if scope == "missing":
        present = cases.operations_of(session, suite.id)
        return [operation.key for operation in known if operation.key not in present]
    return _chosen(known, ids)


def _chosen(known: Sequence[Operation], ids: Sequence[str]) -> Sequence[str]:
    unknown = set(ids) - {operation.id for operation in known}
    if unknown or not ids:
        raise InvalidInputError(
            f"These are not operations of the suite's API description: {sorted(unknown)[:5]}."
            if unknown
            else "No operation is chosen.",
            where="operations",
        )
    return [operation.key for operation in known if operation.id in ids]


def get(session: Session, generation_id: str) -> Generation:
    """One generation; raises NotFoundError."""
    return lookup.row(session, Generation, generation_id)


def list(  # noqa: A001 - read as generations.list
    session: Session,
    suite_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Generation]:
    """The generations of a suite, newest first; raises NotFoundError."""
    suite = suites.get(session, suite_id)
    order = paging.Order((Generation.created_at, Generation.id), descending=True)
    statement = select(Generation).where(Generation.suite_id == suite.id)
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def perform(sessions: sessionmaker[Session], generation_id: str) -> None:
    """Write what a generation asks for, one transaction for each batch of cases.

    May be called again at any time, also at the same time: it goes on where the last batch ended.
    Raises NotFoundError, and what may pass with time (UnavailableError); a permanent error of the
    writer is recorded with the generation instead.
    """
    more = True
    while more:
        with sessions.begin() as session:
            more = advance(session, generation_id)


def advance(session: Session, generation_id: str) -> bool:
    """Write the next batch of a generation; whether there is more to do."""
    generation = lookup.row(session, Generation, generation_id, lock=True)
    if Status(generation.status).is_final:
        return False
    generation.status = Status.RUNNING
    generation.heard_at = func.now()
    done = generation.written + generation.failed
    batch = generation.operations[done : done + BATCH]
    if batch:
        _write(session, generation, batch)
    if done + len(batch) < generation.total:
        return True
    complete(session, generation)
    return False


def keep(session: Session, generation: Generation, written: writers.Written, provider: str) -> Case:
    """Keep a case that was written for a generation."""
    wish = cases.Wish(generation.created_by, generation.prompt, generation.is_reviewed)
    return cases.put(session, generation.suite_id, written, provider=provider, wish=wish)


def complete(session: Session, generation: Generation) -> None:
    """End a generation of which every operation was dealt with."""
    suite = suites.get(session, generation.suite_id)
    cases.archive_gone(session, suite)
    waiting = cases.waiting_count(session, suite.id)
    if waiting and not generation.message:
        who = "1 case waits" if waiting == 1 else f"{waiting} cases wait"
        generation.message = f"{who} for you to choose what is taken over."
    finish(session, generation)


def _write(session: Session, generation: Generation, keys: Sequence[str]) -> None:
    suite = suites.get(session, generation.suite_id)
    try:
        description = descriptions.load(session, suite.api_description_id)
        written = writers.find(generation.provider)(description, _pick(description, keys))
        stored = {
            keep(session, generation, case, generation.provider).operation for case in written
        }
    except PlatformError as error:
        if not error.permanent:
            raise
        stored = set()
        generation.message = storable(str(error), 4000)
    generation.written += len(stored)
    generation.failed += len(keys) - len(stored)


def _pick(description: model.ApiDescription, keys: Sequence[str]) -> Sequence[model.Operation]:
    by_key: Mapping[str, model.Operation] = {
        storable(operation.key): operation for operation in description.operations
    }
    return [by_key[key] for key in keys if key in by_key]


def finish(session: Session, generation: Generation, message: str = "") -> None:
    """End a generation, what is not written counted as failed, and tell all who listen."""
    generation.status = Status.FINISHED
    generation.failed = generation.total - generation.written
    generation.message = message or generation.message
    generation.finished_at = func.now()
    event = GenerationFinished(
        generation_id=generation.id,
        suite_id=generation.suite_id,
        written=generation.written,
        failed=generation.failed,
    )
    outbox.add_event(session, event, key=generation.id)
