"""News: what happened to suites, kept once, and shown to who follows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.news import Kind, in_order
from app.domain.redaction import Redactor
from app.models.base import new_id
from app.models.follower import Follower
from app.models.news import News
from app.models.run import Run
from app.models.suite import Suite
from app.models.user import User
from app.services import followers, live, lookup, paging
from app.services.text import storable, storable_name
from app.settings import Settings

#: What nobody knows is a secret may still be written like one.
_REDACTOR: Final = Redactor()

#: For that long news is kept, and with it what was told of it.
KEPT: Final = dt.timedelta(days=90)

#: More than that nobody counts.
MOST_UNSEEN: Final = 99


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be told; the suite's name goes before the title, the link after the text."""

    key: str
    suite_id: str
    kinds: Sequence[Kind]
    title: str
    text: str
    run_id: str | None = None


def keep(session: Session, told: Told) -> News | None:
    """Keep a piece of news and ring the bells; None where it is none: known, or of no suite.

    Forgets what is old.
    """
    session.execute(delete(News).where(News.created_at < func.now() - KEPT))
    suite = session.get(Suite, storable(told.suite_id))
    if suite is None:
        return None
    kinds = in_order(told.kinds)
    statement = insert(News).values(
        id=new_id(),
        key=storable_name(told.key, 200),
        suite_id=suite.id,
        run_id=told.run_id and session.scalar(select(Run.id).where(Run.id == told.run_id)),
        kind=kinds[0],
        kinds=kinds,
        title=storable(_REDACTOR.url(f"{suite.name}: {told.title}"), 300),
        text=storable(_REDACTOR.url(told.text), 20_000),
    )
    found = session.scalars(statement.on_conflict_do_nothing().returning(News)).one_or_none()
    if found is not None:
        who = followers.of_suite(session, suite.id)
        live.announce(session, [bell_of(user_id) for user_id in who])
    return found


def bell_of(user_id: str) -> str:
    """What is announced when there is news for somebody."""
    return f"bell:{user_id}"


def link(suite_id: str, run_id: str | None, settings: Settings) -> str:
    """Where people read on."""
    path = f"runs/{run_id}" if run_id else f"suites/{suite_id}"
    return f"{settings.base_url.rstrip('/')}/{path}"


def list(  # noqa: A001 - read as news.list
    session: Session,
    user_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[News]:
    """The news of the suites that somebody follows, newest first."""
    order = paging.Order((News.created_at, News.id), descending=True)
    return paging.page(session, _of_user(user_id), order, cursor=cursor, limit=limit)


def _of_user(user_id: str) -> Select[News]:
    return (
        select(News)
        .join(Follower, Follower.suite_id == News.suite_id)
        .where(Follower.user_id == user_id)
    )


def unseen(session: Session, user_id: str) -> Sequence[News]:
    """What somebody has not looked at yet, newest first, at most so many as are counted."""
    seen_at = lookup.row(session, User, user_id).notices_seen_at
    statement = _of_user(user_id).order_by(News.created_at.desc(), News.id.desc())
    if seen_at is not None:
        statement = statement.where(News.created_at > seen_at)
    return session.scalars(statement.limit(MOST_UNSEEN + 1)).all()


def mark_seen(session: Session, user_id: str) -> None:
    """Somebody has looked at the list."""
    lookup.row(session, User, user_id).notices_seen_at = func.now()
    session.flush()
    live.announce(session, [bell_of(user_id)])
