"""Dead letters: messages that could not be handled, until somebody replays or drops them."""

from __future__ import annotations

import base64
import datetime as dt
import enum
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.models.dead_letter import DeadLetter
from app.models.outbox_message import OutboxMessage
from app.services import lookup, outbox, paging
from app.services.text import storable

#: For that long a letter is kept, whatever became of it; Kafka keeps none longer.
KEPT: Final = dt.timedelta(days=30)

#: The partition of what never was on its topic, since the broker refused it; its offset is the
#: message's number in the outbox.
NOWHERE: Final = -1

#: Headers of such a letter: the name of the task or the type of the event, and its id.
_TASK: Final = "task"
_EVENT: Final = "event"
_ID: Final = "id"

_NAMESPACE: Final = uuid.UUID("6d2b4c0e-8f0b-4f0e-9f5e-2d6c1c1a7e57")


class State(enum.StrEnum):
    """What became of a letter."""

    WAITING = "waiting"
    REPLAYED = "replayed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter as it comes from its topic."""

    #: Where the original lay, and when it was put there: a topic may be made anew.
    topic: str
    partition: int
    offset: int
    written_at: dt.datetime
    died_at: dt.datetime
    reason: str
    #: How often the message has been put aside, this time included.
    count: int
    #: As they are to be published again.
    key: bytes | None
    body: bytes
    headers: tuple[tuple[str, bytes], ...]


def take_in(session: Session, letters: Sequence[Letter]) -> int:
    """Keep letters, each once however often it comes; how many were new. Forgets old ones."""
    is_on_its_way = exists().where(OutboxMessage.message_id == DeadLetter.id)
    is_old = DeadLetter.created_at < func.now() - KEPT
    session.execute(delete(DeadLetter).where(is_old, ~is_on_its_way))
    statement = insert(DeadLetter).on_conflict_do_nothing().returning(DeadLetter.id)
    return len(session.execute(statement, [_row(letter) for letter in letters]).all())


def _row(letter: Letter) -> dict[str, object]:
    place = f"{letter.topic}/{letter.partition}/{letter.offset}/{letter.written_at.timestamp()}"
    return {
        "id": str(uuid.uuid5(_NAMESPACE, place)),
        "topic": storable(letter.topic, 249),
        "partition": letter.partition,
        "offset": letter.offset,
        "reason": storable(letter.reason),
        "count": letter.count,
        "key": letter.key,
        "body": letter.body,
        "headers": [
            [storable(name), base64.b64encode(value).decode()] for name, value in letter.headers
        ],
        "state": State.WAITING,
        "died_at": letter.died_at,
    }


def put_aside(session: Session, message: OutboxMessage, reason: str) -> None:
    """Keep a message of the outbox that the broker refuses for good.

    A letter that was to be replayed waits again.
    """
    if message.kind == outbox.REPLAY:
        letter = get(session, message.message_id)
        letter.state = State.WAITING
        letter.reason = storable(f"It could not be replayed: {reason}")
        return
    kind = _TASK if message.kind == outbox.COMMAND else _EVENT
    take_in(
        session,
        [
            Letter(
                topic=message.topic,
                partition=NOWHERE,
                offset=message.id,
                written_at=message.created_at,
                died_at=message.created_at,
                reason=reason,
                count=1,
                key=message.key.encode(),
                body=message.body,
                headers=((kind, message.type.encode()), (_ID, message.message_id.encode())),
            )
        ],
    )


def headers(letter: DeadLetter) -> Sequence[tuple[str, bytes]]:
    """The headers of a letter."""
    return [(name, base64.b64decode(value)) for name, value in letter.headers]


def get(session: Session, letter_id: str) -> DeadLetter:
    """One letter; raises NotFoundError."""
    return lookup.row(session, DeadLetter, letter_id)


def list(  # noqa: A001 - read as dead_letters.list
    session: Session, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> paging.Page[DeadLetter]:
    """The letters that wait, the last to come first."""
    order = paging.Order((DeadLetter.created_at, DeadLetter.id), descending=True)
    return paging.page(session, _waiting(), order, cursor=cursor, limit=limit)


def waiting(session: Session, topic: str) -> Sequence[str]:
    """The ids of all letters of a topic that wait, the first to die first."""
    found = _waiting().where(DeadLetter.topic == topic).order_by(DeadLetter.died_at, DeadLetter.id)
    return session.scalars(found.with_only_columns(DeadLetter.id)).all()


def _waiting() -> Select[DeadLetter]:
    return select(DeadLetter).where(DeadLetter.state == State.WAITING)


def replay(session: Session, letter_id: str) -> None:
    """Publish a letter again where it came from; raises NotFoundError and ConflictError."""
    letter = _settle(session, letter_id, State.REPLAYED)
    if letter.partition == NOWHERE:
        _ask_again(session, letter)
    else:
        outbox.add_replay(session, letter.id, topic=letter.topic)


def _ask_again(session: Session, letter: DeadLetter) -> None:
    known = {name: value.decode() for name, value in headers(letter)}
    outbox.add_again(
        session,
        kind=outbox.COMMAND if _TASK in known else outbox.EVENT,
        topic=letter.topic,
        key=(letter.key or b"").decode(),
        name=known.get(_TASK) or known[_EVENT],
        message_id=known[_ID],
        body=letter.body,
    )


def drop(session: Session, letter_id: str) -> None:
    """Let a letter rest; raises NotFoundError and ConflictError."""
    _settle(session, letter_id, State.DROPPED)


def _settle(session: Session, letter_id: str, state: State) -> DeadLetter:
    letter = lookup.row(session, DeadLetter, letter_id, lock=True)
    if letter.state != State.WAITING:
        raise ConflictError(f"The dead letter was {letter.state} already.", where=letter_id)
    letter.state = state
    return letter
