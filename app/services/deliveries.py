"""Deliveries: messages that are due, taken by one process at a time, tried and settled.

An attempt is written down before it is made. Whoever makes it holds the channel's messages for a
while; where it dies meanwhile, nobody knows whether the message arrived: the log says so, and it is
sent again with the same id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.domain import redelivery
from app.domain.channels import Address, Service
from app.errors import InvalidInputError
from app.models.channel import Channel
from app.models.news import News
from app.models.notification import Notification
from app.models.suite import Suite
from app.services import channels, news
from app.services.notifications import TEST_TEXT, State
from app.services.text import storable
from app.settings import Settings

#: Longer than an attempt can take; whoever claimed a message and is silent for so long is dead.
LEASE: Final = dt.timedelta(seconds=60)

#: Messages that are put together into one; the rest follows in the next.
MOST_TOGETHER: Final = 50

#: Said of an attempt whose end nobody has seen.
UNKNOWN: Final = "The process ended meanwhile; it may have arrived."


class End(StrEnum):
    """How an attempt ended."""

    DELIVERED = "delivered"
    #: It is tried again.
    RETRIED = "retried"
    #: It is given up.
    FAILED = "failed"
    #: Another process has taken the message over since, or it is gone.
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of news in a message."""

    kinds: Sequence[str]
    title: str
    text: str
    link: str
    at: dt.datetime
    run_id: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is told at once; of a test there are no items."""

    #: The same in every attempt.
    id: str
    suite_id: str
    suite_name: str
    title: str
    items: Sequence[Item]

    @property
    def text(self) -> str:
        """All of it as plain text, each item with its link; the title is apart."""
        if not self.items:
            return TEST_TEXT
        if len(self.items) == 1:
            return _body(self.items[0])
        return "\n\n".join(f"{item.title}\n{_body(item)}" for item in self.items)


def _body(item: Item) -> str:
    return "\n".join(filter(None, (item.text, item.link)))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that is to be sent now."""

    notification_ids: Sequence[str]
    service: Service
    #: Holds secrets.
    address: Address
    message: Message
    #: Whose it is until then; nobody else may settle it.
    claimed_until: dt.datetime


def claim(session: Session, *, settings: Settings) -> Delivery | None:
    """Take what is due for one channel that nobody else takes from; None where nothing is.

    The attempt is written down: once the transaction has committed it must be made, and settled.
    A channel whose address cannot be read is given up on.
    """
    due = (
        Notification.status == State.PENDING,
        Notification.due_at <= func.now(),
        or_(Notification.claimed_until.is_(None), Notification.claimed_until < func.now()),
    )
    found = session.execute(
        select(Channel, Notification)
        .join(Channel, Channel.id == Notification.channel_id)
        .where(*due)
        .order_by(Notification.due_at, Notification.id)
        .limit(1)
        .with_for_update(of=Channel, key_share=True, skip_locked=True)
    ).first()
    if found is None:
        return None
    channel, first = found
    # Read again now that the channel is held: another process may have taken it meanwhile.
    together = (
        select(Notification)
        .where(*due, Notification.channel_id == channel.id)
        .order_by(Notification.due_at, Notification.id)
        .limit(MOST_TOGETHER)
        .execution_options(populate_existing=True)
    )
    rows = _alike(first, channel, session.scalars(together).all())
    return _begin(session, channel, rows, settings) if rows else None


def _alike(
    first: Notification, channel: Channel, due: Sequence[Notification]
) -> Sequence[Notification]:
    """Of what is due for a channel what goes into one message: of a digest all news."""
    if not channel.digest_hours or first.news_id is None:
        return [row for row in due if row.id == first.id]
    return [row for row in due if row.news_id is not None]


def _begin(
    session: Session, channel: Channel, rows: Sequence[Notification], settings: Settings
) -> Delivery | None:
    now = session.scalars(select(func.clock_timestamp())).one()
    for row in rows:
        row.attempts = [*_ended(row.attempts), {"at": now.isoformat(), "error": None}]
        row.claimed_until = now + LEASE
    session.flush()
    try:
        address = channels.address_of(channel, settings)
    except InvalidInputError as error:
        for row in rows:
            _settle(row, storable(str(error), 1000), None)
        session.flush()
        return None
    return Delivery(
        notification_ids=[row.id for row in rows],
        service=Service(channel.service),
        address=address,
        message=_message(session, channel, rows, settings),
        claimed_until=now + LEASE,
    )


def _ended(attempts: Sequence[Mapping[str, object]]) -> Sequence[Mapping[str, object]]:
    return [
        {**attempt, "error": UNKNOWN if attempt["error"] is None else attempt["error"]}
        for attempt in attempts
    ]


def _message(
    session: Session, channel: Channel, rows: Sequence[Notification], settings: Settings
) -> Message:
    suite = session.get_one(Suite, channel.suite_id)
    told = session.scalars(
        select(News)
        .where(News.id.in_([row.news_id for row in rows]))
        .order_by(News.created_at, News.id)
    ).all()
    title = rows[0].title if len(rows) == 1 else f"{suite.name}: {len(rows)} pieces of news"
    return Message(rows[0].id, suite.id, suite.name, title, [_item(one, settings) for one in told])


def _item(told: News, settings: Settings) -> Item:
    link = news.link(told.suite_id, told.run_id, settings)
    return Item(told.kinds, told.title, told.text, link, told.created_at, told.run_id)


def settle(
    session: Session,
    delivery: Delivery,
    *,
    error: str = "",
    is_permanent: bool = False,
    asked_wait: dt.timedelta | None = None,
) -> End:
    """Write down how an attempt ended: it arrived, it is tried again, or it is given up."""
    rows = session.scalars(
        select(Notification)
        .where(
            Notification.id.in_(delivery.notification_ids),
            Notification.claimed_until == delivery.claimed_until,
        )
        .order_by(Notification.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    end = End.LOST
    for row in rows:
        pause = None if is_permanent else redelivery.pause(len(row.attempts), asked_wait)
        end = _settle(row, storable(error, 1000), pause)
    session.flush()
    return end


def _settle(row: Notification, error: str, pause: dt.timedelta | None) -> End:
    row.claimed_until = None
    row.error = error
    row.attempts = [*row.attempts[:-1], {**row.attempts[-1], "error": error}]
    if not error:
        row.status = State.DELIVERED
        row.delivered_at = func.now()
        return End.DELIVERED
    if pause is None:
        row.status = State.FAILED
        return End.FAILED
    row.due_at = func.now() + pause
    return End.RETRIED
