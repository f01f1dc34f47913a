"""What a consumer takes from a topic: the event, and where it lay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from confluent_kafka import Message

from app.errors import InvalidInputError
from app.messages import events
from bridge.kafka import clients

Record: TypeAlias = Message
#: Topic and partition.
Place: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Received:
    """A domain event with its identity and its place; `id` tells repetitions apart from news."""

    id: str
    key: str
    event: events.DomainEvent
    topic: str
    partition: int
    offset: int
    #: app.tracing; empty where it belongs to no trace.
    traceparent: str = ""


def place_of(record: Record) -> Place:
    """The topic and partition of a record."""
    return str(record.topic()), int(record.partition() or 0)


def offset_of(record: Record) -> int:
    """The offset of a record in its partition."""
    return int(record.offset() or 0)


def headers_of(record: Record) -> list[tuple[str, bytes]]:
    """The headers in order; a header without value counts as empty."""
    return [(name, _as_bytes(value)) for name, value in _pairs(record)]


def read(record: Record) -> Received:
    """Read the event of a record; raises InvalidInputError for anything malformed or unknown."""
    body = record.value()
    if body is None:
        raise InvalidInputError("The message has no body.", where=str(record.topic()))
    if len(body) > clients.MAX_MESSAGE_BYTES:
        # A compressed batch may be within the topic's limit and unfold to anything.
        raise InvalidInputError(
            f"The message is larger than {clients.MAX_MESSAGE_BYTES} bytes.",
            where=str(record.topic()),
        )
    key = (record.key() or b"").decode(errors="replace")
    envelope = events.unwrap(dict(headers_of(record)), key, body)
    topic, partition = place_of(record)
    return Received(
        id=envelope.id,
        key=envelope.key,
        event=events.read(envelope.type, envelope.body),
        topic=topic,
        partition=partition,
        offset=offset_of(record),
        traceparent=envelope.traceparent,
    )


def _pairs(record: Record) -> Sequence[tuple[str, str | bytes | None]]:
    headers = record.headers()
    return list(headers.items()) if isinstance(headers, dict) else list(headers or ())


def _as_bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""
