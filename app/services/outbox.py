"""The outbox: a message is published if and only if the transaction that asked for it commits."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, delete, func, select, true
from sqlalchemy.orm import Session

from app import tracing
from app.messages import events, topics
from app.messages.commands import Command
from app.models.base import new_id
from app.models.outbox_message import OutboxMessage

#: PostgreSQL channel on which the relay is woken when a transaction with messages commits.
CHANNEL = "testops_outbox"

COMMAND = "command"
EVENT = "event"
#: The message is the dead letter of this id.
REPLAY = "replay"

#: All messages of a key are in one lane; of a lane one relay at a time takes messages, in order.
#: As many relays can be at work. A power of two.
LANES = 8
_LANE: ColumnElement[int] = func.hashtext(OutboxMessage.key).op("&")(LANES - 1)


def add_command(session: Session, command: Command) -> None:
    """Have a task run once the transaction has committed."""
    _add(
        session,
        OutboxMessage(
            kind=COMMAND,
            topic=command.queue,
            key=command.key,
            type=command.task,
            message_id=command.task_id,
            body=json.dumps(command.kwargs).encode(),
        ),
    )


def add_event(session: Session, event: events.RunEvent, *, key: str) -> None:
    """Tell all who listen, on `run_events`, once the transaction has committed."""
    envelope = events.wrap(event, event_id=new_id(), key=key)
    _add(
        session,
        OutboxMessage(
            kind=EVENT,
            topic=topics.RUN_EVENTS.name,
            key=envelope.key,
            type=envelope.type,
            message_id=envelope.id,
            body=envelope.body,
        ),
    )


def add_replay(session: Session, dead_letter_id: str, *, topic: str) -> None:
    """Publish a dead letter on its topic again once the transaction has committed."""
    _add(
        session,
        OutboxMessage(
            kind=REPLAY,
            topic=topic,
            key=dead_letter_id,
            type="",
            message_id=dead_letter_id,
            body=b"",
        ),
    )


def add_again(
    session: Session, *, kind: str, topic: str, key: str, name: str, message_id: str, body: bytes
) -> None:
    """Publish a message that was in the outbox before, once the transaction has committed."""
    _add(
        session,
        OutboxMessage(kind=kind, topic=topic, key=key, type=name, message_id=message_id, body=body),
    )


def _add(session: Session, message: OutboxMessage) -> None:
    message.traceparent = tracing.current()
    session.add(message)
    # Delivered on commit, and once however many messages the transaction adds.
    session.execute(select(func.pg_notify(CHANNEL, "")))


def take(session: Session, limit: int, *, lane: int | None = None) -> Sequence[OutboxMessage]:
    """The oldest messages, of all or of one lane; those that others hold are passed over.

    The session holds them until its transaction ends.
    """
    return session.scalars(
        select(OutboxMessage)
        .where(true() if lane is None else _LANE == lane)  # noqa: SIM300 - a column
        .order_by(OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def remove(session: Session, messages: Collection[OutboxMessage]) -> None:
    """Forget messages that the broker has confirmed."""
    ids = [message.id for message in messages]
    session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)))


def withdraw(session: Session, prefix: str) -> None:
    """Forget commands whose task id begins so and which the relay has not yet taken."""
    waiting = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.kind == COMMAND,
            OutboxMessage.message_id.startswith(prefix, autoescape=True),
        )
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(waiting)))


def waiting(session: Session, message_ids: Collection[str]) -> set[str]:
    """Which of these messages have not been published yet."""
    found = session.scalars(
        select(OutboxMessage.message_id).where(OutboxMessage.message_id.in_(message_ids))
    )
    return set(found)


def waiting_by_lane(session: Session) -> Mapping[int, int]:
    """How many messages wait for a relay, for each lane that has any."""
    return dict(session.execute(select(_LANE, func.count()).group_by(_LANE)).all())
