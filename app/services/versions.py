"""Versions of API descriptions: looking for a newer one, on demand or by schedule, and keeping all.

The rows of a description are those of its newest version, so that suites go on with it; the older
documents stay in `versions`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from app.errors import ConflictError, InvalidInputError, NotFoundError, PlatformError
from app.messages import commands
from app.models.api_description import ApiDescription
from app.models.operation import Operation
from app.models.version import Version
from app.openapi import changes
from app.services import descriptions, lookup, outbox, paging
from app.services.descriptions import Reading
from app.services.text import storable
from app.settings import Settings

#: A look by schedule: at most every hour, at least every four weeks.
MAX_HOURS = 28 * 24
#: Descriptions whose look is asked for in one turn of the scheduler.
BATCH = 50


def list(  # noqa: A001 - read as versions.list
    session: Session,
    description_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Version]:
    """The versions of a description, newest first; raises NotFoundError."""
    row = descriptions.get(session, description_id)
    statement = select(Version).where(Version.api_description_id == row.id)
    order = paging.Order((Version.number, Version.id), descending=True)
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def get(session: Session, description_id: str, number: int) -> Version:
    """One version of a description; raises NotFoundError."""
    row = descriptions.get(session, description_id)
    found = session.scalars(
        select(Version).where(Version.api_description_id == row.id, Version.number == number)
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such version.", where=str(number))
    return found


def document(session: Session, description_id: str, number: int) -> bytes:
    """The document of a version; raises NotFoundError."""
    kept = get(session, description_id, number).document
    return zlib.decompress(kept or descriptions.get(session, description_id).document)


def address(session: Session, description_id: str) -> str:
    """Where a description is fetched from; raises NotFoundError, ConflictError for an upload."""
    row = descriptions.get(session, description_id)
    if not row.source_url:
        raise ConflictError(
            "This description was not fetched from an address.",
            where=description_id,
            hint="Upload its newer version.",
        )
    return row.source_url


def take(
    session: Session, description_id: str, reading: Reading, *, user_id: str | None = None
) -> Version:
    """Put what was read in the place of the newest version, unless it is the same document.

    Returns the newest version. Raises NotFoundError.
    """
    row = lookup.row(session, ApiDescription, description_id, lock=True)
    row.checked_at = dt.datetime.now(dt.UTC)
    row.refusal = ""
    newest = get(session, row.id, row.number)
    if hashlib.sha256(reading.data).hexdigest() == row.digest:
        session.flush()
        return newest
    found = changes.between(descriptions.load(session, row.id), reading.description)
    newest.document = row.document
    row.number += 1
    descriptions.describe(row, reading)
    session.execute(delete(Operation).where(Operation.api_description_id == row.id))
    descriptions.add_operations(session, row.id, reading.description.operations)
    return descriptions.keep_version(session, row, found, user_id=user_id)


def schedule(
    session: Session, description_id: str, every_hours: int | None, now: dt.datetime
) -> ApiDescription:
    """Look for a newer version every so many hours, or (None) no more.

    Raises NotFoundError, ConflictError for an upload and InvalidInputError for the hours.
    """
    address(session, description_id)
    if every_hours is not None and not 1 <= every_hours <= MAX_HOURS:
        raise InvalidInputError(f"Between 1 and {MAX_HOURS} hours.", where="every_hours")
    row = lookup.row(session, ApiDescription, description_id, lock=True)
    row.every_hours = every_hours
    row.due_at = None if every_hours is None else now + dt.timedelta(hours=every_hours)
    session.flush()
    return row


def ask_for_due(session: Session, now: dt.datetime) -> int:
    """Ask for a look at each description that is due, and count them."""
    due: Sequence[ApiDescription] = session.scalars(
        select(ApiDescription)
        .where(ApiDescription.due_at <= now)
        .order_by(ApiDescription.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    for row in due:
        row.due_at = now + dt.timedelta(hours=row.every_hours or MAX_HOURS)
        outbox.add_command(session, commands.refresh_description(row.id, now))
    return len(due)


def refresh(sessions: sessionmaker[Session], description_id: str, settings: Settings) -> None:
    """Fetch a description again; what cannot be read is recorded, and the version there is stays.

    No transaction waits for the network. Raises NotFoundError, and what may pass with time.
    """
    with sessions.begin() as session:
        url = address(session, description_id)
    try:
        reading = descriptions.read_url(url, settings)
    except PlatformError as error:
        with sessions.begin() as session:
            refuse(session, description_id, error)
        return
    with sessions.begin() as session:
        take(session, description_id, reading)


def refuse(session: Session, description_id: str, error: PlatformError) -> None:
    """Record why the last look brought nothing; raises NotFoundError."""
    row = lookup.row(session, ApiDescription, description_id, lock=True)
    row.checked_at = dt.datetime.now(dt.UTC)
    row.refusal = storable(str(error), 4000)
    session.flush()
