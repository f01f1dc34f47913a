"""Channels: where the notifications of a suite go."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain import channels as addresses
from app.domain.channels import Address, Service
from app.domain.news import Kind, in_order
from app.errors import ConflictError, InvalidInputError
from app.messages.codec import decode_as
from app.messages.sealing import Seal
from app.models.base import new_id
from app.models.channel import Channel
from app.models.notification import Notification
from app.services import lookup, suites
from app.services.text import required
from app.settings import Settings

#: Channels of one suite: what happens to it is told to each.
MOST: Final = 20

#: A week.
MAX_DIGEST_HOURS: Final = 168


def add(
    session: Session,
    suite_id: str,
    *,
    name: str,
    service: str,
    place: str,
    rules: Collection[str],
    settings: Settings,
    secret: str = "",
    digest_hours: int = 0,
) -> Channel:
    """Add a channel; a webhook without a secret gets one, which `secret_of` tells.

    Raises NotFoundError, ConflictError where there are too many, and InvalidInputError.
    """
    suite = suites.get(session, suite_id)
    if len(list(session, suite.id)) >= MOST:
        raise ConflictError(f"A suite has at most {MOST} channels.", where="suite")
    kind = _service(service)
    channel = Channel(
        id=new_id(), suite_id=suite.id, name=required(name, "name", 120), service=kind
    )
    _set_address(channel, kind, place, _usable(kind, secret), settings)
    channel.rules = _rules(rules)
    channel.digest_hours = _digest(digest_hours)
    session.add(channel)
    session.flush()
    return channel


def change(
    session: Session,
    channel_id: str,
    *,
    name: str,
    rules: Collection[str],
    settings: Settings,
    place: str = "",
    secret: str = "",
    digest_hours: int = 0,
) -> Channel:
    """Replace what a channel is told, and with `place` also where it leads.

    A secret that is not given stays. Raises NotFoundError and InvalidInputError.
    """
    channel = lookup.row(session, Channel, channel_id)
    channel.name = required(name, "name", 120)
    channel.rules = _rules(rules)
    channel.digest_hours = _digest(digest_hours)
    if place or secret:
        old = address_of(channel, settings)
        service = Service(channel.service)
        _set_address(channel, service, place or old.place, secret or old.secret, settings)
    session.flush()
    return channel


def _service(name: str) -> Service:
    try:
        return Service(name)
    except ValueError as error:
        raise InvalidInputError(
            f"The service is one of: {', '.join(Service)}.", where="service"
        ) from error


def _usable(service: Service, secret: str) -> str:
    if service is Service.WEBHOOK and not secret:
        return addresses.secret_of(secrets.token_bytes(addresses.KEY_BYTES))
    return secret


def _set_address(
    channel: Channel, service: Service, place: str, secret: str, settings: Settings
) -> None:
    address = addresses.checked(service, place, secret)
    if service is Service.MAIL and not settings.smtp_url.get_secret_value():
        raise InvalidInputError(
            "No mail can be sent from here.",
            where="service",
            hint="An administrator names the mail server: TESTOPS_SMTP_URL.",
        )
    channel.sealed_address = Seal(settings.secret).close(asdict(address))
    channel.shown = addresses.shown(service, address)


def _rules(rules: Collection[str]) -> Sequence[Kind]:
    try:
        chosen = in_order(Kind(rule) for rule in rules)
    except ValueError as error:
        raise InvalidInputError(f"Rules are: {', '.join(Kind)}.", where="rules") from error
    if not chosen:
        raise InvalidInputError("Choose what it is told of.", where="rules")
    return chosen


def _digest(hours: int) -> int:
    if not 0 <= hours <= MAX_DIGEST_HOURS:
        raise InvalidInputError(f"From 0 to {MAX_DIGEST_HOURS} hours.", where="digest_hours")
    return hours


def get(session: Session, channel_id: str) -> Channel:
    """One channel; raises NotFoundError."""
    return lookup.row(session, Channel, channel_id)


def list(session: Session, suite_id: str) -> Sequence[Channel]:  # noqa: A001 - read as channels.list
    """The channels of a suite in the order they were added."""
    return session.scalars(
        select(Channel).where(Channel.suite_id == suite_id).order_by(Channel.created_at, Channel.id)
    ).all()


def remove(session: Session, channel_id: str) -> None:
    """Forget a channel and what was told to it; raises NotFoundError."""
    channel = lookup.row(session, Channel, channel_id)
    session.execute(delete(Notification).where(Notification.channel_id == channel.id))
    session.delete(channel)
    session.flush()


def address_of(channel: Channel, settings: Settings) -> Address:
    """Where a channel leads, secrets included.

    Raises InvalidInputError where the secret key has changed since, or the channel is older than
    this form of addresses.
    """
    opened = Seal(settings.secret).open(channel.sealed_address)
    return decode_as(Address, opened, where="address")


def secret_of(channel: Channel, settings: Settings) -> str:
    """What a webhook's messages are signed with, to be shown once; empty for other services."""
    if channel.service != Service.WEBHOOK:
        return ""
    return address_of(channel, settings).secret
