"""The shapes of REST v1 about news, channels and what was told to them."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from app.domain.channels import MAX_PLACE, Service
from app.domain.news import Kind
from app.services import channels
from app.views.api.shapes import Answered, Asked

_DIGEST = Field(
    default=0,
    ge=0,
    le=channels.MAX_DIGEST_HOURS,
    description="One message in so many hours at most, with all that happened; 0: each at once.",
)
_ADDRESS = (
    "Of mail recipients with commas between them, of telegram the chat, else a URL; "
    "kept sealed, never shown as it is."
)
_PROOF = "Telegram's bot token, or the key that a webhook is signed with."


class NewChannel(Asked):
    """Where to, and what is told there."""

    name: str = Field(max_length=120)
    service: Service
    address: str = Field(max_length=MAX_PLACE, description=_ADDRESS)
    secret: str = Field(
        default="", max_length=200, description=f"{_PROOF} A webhook without one gets one."
    )
    rules: list[Kind]
    digest_hours: int = _DIGEST


class ChangedChannel(Asked):
    """A channel from now on."""

    name: str = Field(max_length=120)
    rules: list[Kind]
    digest_hours: int = _DIGEST
    address: str = Field(default="", max_length=MAX_PLACE, description="Empty: as it is.")
    secret: str = Field(default="", max_length=200, description="Empty: as it is.")


class Channel(Answered):
    """A channel, without its secrets."""

    id: str
    suite_id: str
    name: str
    service: Service
    shown: str = Field(description="The address without what is secret in it.")
    rules: list[Kind]
    digest_hours: int
    created_at: dt.datetime


class MadeChannel(Channel):
    """A new channel."""

    secret: str = Field(
        description="What a webhook's receiver checks signatures with; not shown again."
    )


class Attempt(BaseModel):
    """One attempt to deliver a message."""

    at: dt.datetime
    error: str | None = Field(
        description="Empty where it arrived, null while nobody knows how it ended."
    )


class Notification(Answered):
    """A message on its way to a channel."""

    id: str
    channel_id: str
    run_id: str | None
    title: str
    status: str
    error: str
    attempts: list[Attempt]
    created_at: dt.datetime
    due_at: dt.datetime
    delivered_at: dt.datetime | None


class News(Answered):
    """Something that happened to a suite."""

    id: str
    suite_id: str
    run_id: str | None
    kind: Kind
    kinds: list[Kind]
    title: str
    text: str
    created_at: dt.datetime
