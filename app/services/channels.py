"""Channels: where the notifications of a suite go."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.messages.sealing import Seal
from app.models.channel import Channel
from app.services import lookup, suites
from app.services.text import required
from app.settings import Settings

#: When a channel is told: at each end of a run, or only where something is red.
RULES = ("finish", "failure")


def add(
    session: Session, suite_id: str, *, name: str, url: str, rule: str, settings: Settings
) -> Channel:
    """Add a channel by its Apprise URL; raises NotFoundError or InvalidInputError."""
    if rule not in RULES:
        raise InvalidInputError(f"The rule is one of: {', '.join(RULES)}.", where="rule")
    channel = Channel(
        suite_id=suites.get(session, suite_id).id,
        name=required(name, "name", 120),
        sealed_url=Seal(settings.secret).close(required(url, "url", 2000)),
        rule=rule,
    )
    session.add(channel)
    session.flush()
    return channel


def list(session: Session, suite_id: str) -> Sequence[Channel]:  # noqa: A001 - read as channels.list
    """The channels of a suite in the order they were added."""
    return session.scalars(
        select(Channel).where(Channel.suite_id == suite_id).order_by(Channel.created_at, Channel.id)
    ).all()


def remove(session: Session, channel_id: str) -> None:
    """Forget a channel; raises NotFoundError."""
    session.delete(lookup.row(session, Channel, channel_id))
    session.flush()


def url_of(channel: Channel, settings: Settings) -> str:
    """The channel's Apprise URL; raises InvalidInputError where the secret key has changed."""
    return str(json.loads(Seal(settings.secret).open(channel.sealed_url)))
