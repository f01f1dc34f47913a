"""Notifications: what is told to which channel, and what has become of it.

`app.services.deliveries` sends what is planned here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from app.errors import ConflictError, NotFoundError
from app.models.base import new_id
from app.models.channel import Channel
from app.models.news import News
from app.models.notification import Notification
from app.models.suite import Suite
from app.services import channels, lookup, news, paging
from app.services.text import storable
from app.settings import Settings

#: PostgreSQL channel on which who sends is woken when a transaction with messages commits.
CHANNEL: Final = "testops_notifications"

#: Tests of a channel that wait at once.
MOST_TESTS: Final = 3


class State(StrEnum):
    """Where a message is on its way."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


#: What a message says that only shows that its channel works.
TEST_TEXT: Final = "This channel works: what it is told of will come here."


def plan(session: Session, told: News, *, settings: Settings) -> int:
    """Note which channels are told of a piece of news, each once; how many are."""
    rows = [
        _row(session, told, channel, settings)
        for channel in channels.list(session, told.suite_id)
        if set(channel.rules) & set(told.kinds)
    ]
    if not rows:
        return 0
    statement = insert(Notification).values(rows).on_conflict_do_nothing()
    added = len(session.scalars(statement.returning(Notification.id)).all())
    _wake(session)
    return added


def _row(session: Session, told: News, channel: Channel, settings: Settings) -> dict[str, object]:
    link = news.link(told.suite_id, told.run_id, settings)
    return {
        "id": new_id(),
        "news_id": told.id,
        "run_id": told.run_id,
        "channel_id": channel.id,
        "title": told.title,
        "text": "\n".join(filter(None, (told.text, link))),
        "status": State.PENDING,
        "error": "",
        "due_at": _due(session, channel),
    }


def _due(session: Session, channel: Channel) -> object:
    """Now; of a channel with a digest when what waits already is due, or so many hours from now."""
    if not channel.digest_hours:
        return func.now()
    waiting = session.scalar(
        select(func.min(Notification.due_at)).where(
            Notification.channel_id == channel.id,
            Notification.status == State.PENDING,
            Notification.attempts == [],
            Notification.news_id.is_not(None),
        )
    )
    return waiting or func.now() + dt.timedelta(hours=channel.digest_hours)


def _wake(session: Session) -> None:
    session.execute(select(func.pg_notify(CHANNEL, "")))


def test(session: Session, channel_id: str) -> Notification:
    """Have a message sent that only shows that the channel works.

    Raises NotFoundError, and ConflictError where some wait already.
    """
    channel = lookup.row(session, Channel, channel_id, lock=True)
    waiting = session.scalar(
        select(func.count()).where(
            Notification.channel_id == channel.id,
            Notification.news_id.is_(None),
            Notification.status == State.PENDING,
        )
    )
    if (waiting or 0) >= MOST_TESTS:
        raise ConflictError("Tests of this channel wait already.", where=channel_id)
    suite = session.get_one(Suite, channel.suite_id)
    row = Notification(
        id=new_id(),
        channel_id=channel.id,
        title=storable(f"{suite.name}: a test of the channel {channel.name}", 300),
        text=TEST_TEXT,
        status=State.PENDING,
        attempts=[],
    )
    session.add(row)
    session.flush()
    _wake(session)
    return row


def again(session: Session, notification_id: str) -> Notification:
    """Have a message that was given up sent once more.

    Raises NotFoundError, and ConflictError where it was not given up.
    """
    get(session, notification_id)
    row = lookup.row(session, Notification, notification_id, lock=True)
    if row.status != State.FAILED:
        raise ConflictError(f"The message is {row.status}.", where=notification_id)
    row.status = State.PENDING
    row.due_at = func.now()
    session.flush()
    _wake(session)
    return row


def get(session: Session, notification_id: str) -> Notification:
    """One message to a channel; raises NotFoundError, also for one without a channel."""
    row = lookup.row(session, Notification, notification_id)
    if row.channel_id is None:
        raise NotFoundError("There is no such notification.", where=notification_id)
    return row


def log(
    session: Session,
    channel_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Notification]:
    """What was told to a channel, newest first; raises NotFoundError."""
    channel = lookup.row(session, Channel, channel_id)
    order = paging.Order((Notification.created_at, Notification.id), descending=True)
    statement = select(Notification).where(Notification.channel_id == channel.id)
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def last_of_suite(session: Session, suite_id: str) -> Mapping[str, Notification]:
    """The newest message to each channel of a suite, by channel."""
    found = session.scalars(
        select(Notification)
        .ext(distinct_on(Notification.channel_id))
        .join(Channel, Channel.id == Notification.channel_id)
        .where(Channel.suite_id == suite_id)
        .order_by(Notification.channel_id, Notification.created_at.desc(), Notification.id)
    )
    return {str(row.channel_id): row for row in found}
