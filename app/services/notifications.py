"""Notifications: what is told of a finished run, to whom, and whether it arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.outcomes import Totals
from app.errors import PlatformError
from app.models.base import new_id
from app.models.channel import Channel
from app.models.notification import Notification
from app.models.run import Run
from app.models.suite import Suite
from app.services import channels
from app.services.text import storable
from app.settings import Settings

PENDING = "pending"
DELIVERED = "delivered"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification that is to be sent to a channel."""

    notification_id: str
    #: Apprise URL; holds secrets.
    url: str
    title: str
    text: str


def plan(session: Session, run_id: str, *, settings: Settings) -> int:
    """Note who is told of a finished run: the in-app notice, and the channels whose rule asks.

    Returns how many were new: an event may come twice, and each is told once.
    """
    found = session.execute(
        select(Run, Suite)
        .join(Suite, Suite.id == Run.suite_id)
        .where(Run.id == storable(run_id), Run.finished_at.is_not(None))
    ).one_or_none()
    if found is None:
        return 0
    run, suite = found
    chosen = [channel for channel in channels.list(session, suite.id) if _asks(channel, run)]
    rows = [
        _row(run, suite, settings, channel_id)
        for channel_id in (None, *(channel.id for channel in chosen))
    ]
    statement = insert(Notification).values(rows).on_conflict_do_nothing()
    return len(session.scalars(statement.returning(Notification.id)).all())


def _totals(run: Run) -> Totals:
    return Totals(run.passed, run.failed, run.errored, run.skipped)


def _asks(channel: Channel, run: Run) -> bool:
    return channel.rule == "finish" or not _totals(run).is_green


def _row(run: Run, suite: Suite, settings: Settings, channel_id: str | None) -> dict[str, object]:
    return {
        "id": new_id(),
        "run_id": run.id,
        "channel_id": channel_id,
        "title": storable(f"{suite.name}: {_verdict(run)}", 300),
        "text": _text(run, settings),
        "status": PENDING if channel_id else DELIVERED,
        "error": "",
        "delivered_at": None if channel_id else func.now(),
    }


def _verdict(run: Run) -> str:
    if run.status == "cancelled":
        return "cancelled"
    totals = _totals(run)
    red = [f"{totals.failed} failed"] * bool(totals.failed)
    red += [f"{totals.errored} errored"] * bool(totals.errored)
    return ", ".join(red) or "all passed"


def _text(run: Run, settings: Settings) -> str:
    totals = _totals(run)
    return (
        f"{totals.checks} checks against {run.base_url}: {totals.passed} passed, "
        f"{totals.failed} failed, {totals.errored} errored, {totals.skipped} skipped.\n"
        f"{settings.base_url.rstrip('/')}/runs/{run.id}"
    )


def pending(session: Session, run_id: str, *, settings: Settings) -> Sequence[Delivery]:
    """What is still to be sent of a run; a channel that cannot be unsealed is marked failed."""
    found = session.execute(
        select(Notification, Channel)
        .join(Channel, Channel.id == Notification.channel_id)
        .where(Notification.run_id == storable(run_id), Notification.status == PENDING)
        .order_by(Channel.created_at, Channel.id)
    ).all()
    deliveries = []
    for notification, channel in found:
        try:
            url = channels.url_of(channel, settings)
        except PlatformError as error:
            _mark(notification, str(error))
        else:
            deliveries.append(Delivery(notification.id, url, notification.title, notification.text))
    return deliveries


def mark(session: Session, notification_id: str, *, error: str = "") -> None:
    """Note that a notification arrived, or with `error` why it did not."""
    notification = session.get(Notification, notification_id)
    if notification is not None:
        _mark(notification, error)


def _mark(notification: Notification, error: str) -> None:
    notification.status = FAILED if error else DELIVERED
    notification.error = storable(error, 4000)
    notification.delivered_at = None if error else func.now()


def recent(session: Session, limit: int = 20) -> Sequence[Notification]:
    """The newest in-app notices."""
    return session.scalars(
        select(Notification)
        .where(Notification.channel_id.is_(None))
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .limit(limit)
    ).all()
