"""Messages to channels: news that happened, told, and taken to be sent."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.domain.news import Kind
from app.models import News, Notification, Suite
from app.services import deliveries, news, notifications
from app.services.deliveries import Delivery
from app.services.news import Told
from app.settings import Settings

LONG_AGO = dt.timedelta(days=1)


def happened(session: Session, suite: Suite, key: str = "a", *kinds: Kind) -> News:
    kept = news.keep(
        session, Told(key, suite.id, kinds or [Kind.FINISH], f"title {key}", f"text {key}")
    )
    assert kept is not None
    return kept


def tell(session: Session, suite: Suite, policy: Settings, key: str = "a", *kinds: Kind) -> int:
    return notifications.plan(session, happened(session, suite, key, *kinds), settings=policy)


def claimed(session: Session, policy: Settings) -> Delivery:
    session.flush()
    found = deliveries.claim(session, settings=policy)
    assert found is not None
    return found


def pass_time(session: Session) -> None:
    """Whatever waits is due, and whoever held it has been silent for too long."""
    session.execute(
        update(Notification).values(
            due_at=func.now() - LONG_AGO,
            claimed_until=Notification.claimed_until - LONG_AGO,
        )
    )
