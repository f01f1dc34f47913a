"""Revisions of cases: every script a case had, what was changed, and going back to one."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.base import new_id
from app.models.case import Case
from app.models.revision import Revision
from app.models.user import User
from app.services import lookup, paging
from app.services.text import storable


class Origin(StrEnum):
    """How a script came to stand in a case."""

    #: As it was when revisions began to be kept.
    FIRST = "first"
    GENERATED = "generated"
    #: Generated, and merged with what was edited.
    MERGED = "merged"
    EDITED = "edited"
    #: Somebody chose between what was edited and what was generated.
    SETTLED = "settled"
    RESTORED = "restored"


def keep(
    session: Session, case: Case, origin: Origin, reason: str, *, user_id: str | None = None
) -> None:
    """Keep the script as it stands now, unless the newest revision has it already.

    The case is held by the caller, so that revisions count without a gap.
    """
    newest = session.scalars(
        select(Revision)
        .where(Revision.case_id == case.id)
        .order_by(Revision.number.desc())
        .limit(1)
    ).one_or_none()
    if newest and newest.script == case.script:
        return
    session.add(
        Revision(
            id=new_id(),
            case_id=case.id,
            number=newest.number + 1 if newest else 1,
            script=case.script,
            origin=origin,
            reason=storable(reason, 1000),
            created_by=user_id,
        )
    )
    session.flush()


def list(  # noqa: A001 - read as revisions.list
    session: Session, case_id: str, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> paging.Page[Revision]:
    """The revisions of a case, newest first; raises NotFoundError."""
    case = lookup.row(session, Case, case_id)
    statement = select(Revision).where(Revision.case_id == case.id)
    order = paging.Order((Revision.number, Revision.id), descending=True)
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def get(session: Session, case_id: str, number: int) -> Revision:
    """One revision of a case; raises NotFoundError."""
    case = lookup.row(session, Case, case_id)
    found = session.scalars(
        select(Revision).where(Revision.case_id == case.id, Revision.number == number)
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such revision.", where=str(number))
    return found


def diff(session: Session, case_id: str, number: int) -> str:
    """What a revision changed of the one before, as a unified diff; raises NotFoundError."""
    after = get(session, case_id, number)
    before = session.scalars(
        select(Revision.script).where(Revision.case_id == case_id, Revision.number == number - 1)
    ).one_or_none()
    return unified(before or "", after.script, f"revision {number - 1}", f"revision {number}")


def unified(before: str, after: str, before_name: str, after_name: str) -> str:
    """A unified diff of two scripts; empty where they are the same."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), before_name, after_name, lineterm=""
    )
    return "\n".join(lines)


def restore(session: Session, case_id: str, number: int, *, user_id: str | None = None) -> Case:
    """Put the script of a revision in place again, as a revision of its own.

    Raises NotFoundError.
    """
    case = lookup.row(session, Case, case_id, lock=True)
    case.script = get(session, case_id, number).script
    case.updated_at = func.now()
    case.updated_by = user_id
    keep(session, case, Origin.RESTORED, f"Restored revision {number}.", user_id=user_id)
    return case


def authors(session: Session, page: paging.Page[Revision]) -> Mapping[str, str]:
    """Names of those who made the revisions of a page, by user id."""
    ids = {revision.created_by for revision in page.items if revision.created_by}
    rows = session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {row.id: row.name or row.email for row in rows}
