"""A message as a Kafka record: the body is the value as it is, the rest is one JSON header.

The header `celery` holds properties, application headers, content type and encoding under a schema
version; `x-delivery-count` says how often the message was requeued; while it is delayed, `x-due`
(milliseconds since 1970) and `x-topic` say until when and where it then goes. Nothing is base64.

For the tools of Kafka some facts stand in headers of their own, as plain text: `task-id`,
`task-name`, `task-attempt` (the first is 1), `task-root-id` where it is another task, and the W3C
trace context (https://www.w3.org/TR/trace-context/) where the publisher put it into the message's
headers. They are never read back: what counts is in `celery`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from confluent_kafka import Message
from kombu.utils.json import JSONEncoder, loads

HEADER: Final = "celery"
VERSION: Final = 1
DELIVERY_COUNT: Final = "x-delivery-count"
ORIGIN_TOPIC: Final = "x-origin-topic"
ORIGIN_PARTITION: Final = "x-origin-partition"
ORIGIN_OFFSET: Final = "x-origin-offset"
#: Milliseconds since 1970.
ORIGIN_TIME: Final = "x-origin-time"
REASON: Final = "x-reason"
#: How often the message became a dead letter; stays with it when it is published again.
DEAD_COUNT: Final = "x-dead-count"
#: Headers that a dead letter has and its original has not.
OF_DEATH: Final = frozenset({ORIGIN_TOPIC, ORIGIN_PARTITION, ORIGIN_OFFSET, ORIGIN_TIME, REASON})
DUE: Final = "x-due"
DESTINATION: Final = "x-topic"
TASK_ID: Final = "task-id"
TRACE_CONTEXT: Final = ("traceparent", "tracestate")
#: `apply_async(..., message_key="…")`: messages of one key go to one partition, so they keep their
#: order; messages without key spread over all partitions.
KEY_PROPERTY: Final = "message_key"

#: Properties that mean something in this process only.
_LOCAL: Final = frozenset({"delivery_tag", "body_encoding"})
#: A dead letter must fit where its original did, and a reason may quote anything.
_MOST_REASON: Final = 1024

_MILLISECONDS: Final = re.compile(rb"[0-9]{1,15}")
_COUNT: Final = re.compile(rb"[0-9]{1,8}")
_TOPIC: Final = re.compile(rb"[a-zA-Z0-9._-]{1,249}")

#: kombu's types, made once and not for each message.
_to_json: Final = JSONEncoder(separators=(",", ":")).encode

Headers = tuple[tuple[str, bytes], ...]


class WireError(ValueError):
    """A record is not a message of this transport."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is given to a topic."""

    key: bytes | None
    value: bytes
    headers: Headers

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        named = sum(len(name) + len(value) for name, value in self.headers)
        return len(self.key or b"") + len(self.value) + named


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a delayed message waits for."""

    #: Seconds since 1970.
    due: float
    #: Where it goes then.
    topic: str


def encode(message: Mapping[str, Any]) -> Outgoing:
    """The record of a kombu message (`prepare_message`'s shape)."""
    properties = message["properties"]
    headers = message["headers"]
    head = {
        "v": VERSION,
        "properties": {name: properties[name] for name in properties if name not in _LOCAL},
        "headers": headers,
        "content-type": message["content-type"],
        "content-encoding": message["content-encoding"],
    }
    key = properties.get(KEY_PROPERTY)
    return Outgoing(
        key=None if key is None else _bytes(key),
        value=_bytes(message["body"]),
        headers=((HEADER, _to_json(head).encode()), *_plain(headers)),
    )


def decode(record: Message) -> dict[str, Any]:
    """The kombu message of a record; raises WireError that says what is wrong with it."""
    headers = dict(headers_of(record))
    head = _head(headers)
    body = record.value()
    if body is None:
        raise WireError("the record has no value")
    count = _count(headers)
    head["properties"]["delivery_info"].update(redelivered=count > 0, delivery_count=count)
    return {
        "body": body,
        "properties": head["properties"],
        "headers": head["headers"],
        "content-type": head["content-type"],
        "content-encoding": head["content-encoding"],
    }


def headers_of(record: Message) -> Headers:
    """The headers of a record, those without value as empty."""
    pairs = record.headers() or []
    items = pairs.items() if isinstance(pairs, dict) else pairs
    return tuple((name, _bytes(value or b"")) for name, value in items)


def delivery_count(record: Message) -> int:
    """How often the message was requeued; raises WireError."""
    return _count(dict(headers_of(record)))


def _count(headers: Mapping[str, bytes]) -> int:
    text = headers.get(DELIVERY_COUNT, b"0")
    if not text.isdigit():
        raise WireError(f"the header {DELIVERY_COUNT} is no number")
    return int(text)


def copy(record: Message, headers: Sequence[tuple[str, bytes]]) -> Outgoing:
    """The same record again, with some headers set."""
    replaced = {name for name, _ in headers}
    kept = [(name, value) for name, value in headers_of(record) if name not in replaced]
    return Outgoing(record.key(), record.value() or b"", (*kept, *headers))


def requeued(record: Message) -> Outgoing:
    """The copy that takes the place of a requeued record."""
    count = delivery_count(record) + 1
    return copy(record, [(DELIVERY_COUNT, str(count).encode())])


def dead_letter(record: Message, reason: str) -> Outgoing:
    """The copy that is put aside, with its origin and the reason.

    Its deliveries are counted anew when it is taken from there.
    """
    told = dict(headers_of(record)).get(DEAD_COUNT, b"")
    count = int(told) if _COUNT.fullmatch(told) else 0
    return copy(
        record,
        [
            (DELIVERY_COUNT, b"0"),
            (ORIGIN_TOPIC, _bytes(record.topic() or "")),
            (ORIGIN_PARTITION, _bytes(record.partition())),
            (ORIGIN_OFFSET, _bytes(record.offset())),
            (ORIGIN_TIME, _bytes(record.timestamp()[1])),
            (DEAD_COUNT, _bytes(count + 1)),
            (REASON, _bytes(reason[:_MOST_REASON])),
        ],
    )


def _plain(headers: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What the tools of Kafka may want to see of a message's headers."""
    if "task" in headers and "id" in headers:
        yield TASK_ID, _bytes(headers["id"])
        yield "task-name", _bytes(headers["task"])
        if isinstance(retries := headers.get("retries"), int):
            yield "task-attempt", _bytes(retries + 1)
        if headers.get("root_id") not in (None, headers["id"]):
            yield "task-root-id", _bytes(headers["root_id"])
    for name in TRACE_CONTEXT:
        if isinstance(value := headers.get(name), str):
            yield name, _bytes(value)


def delayed(message: Outgoing, waiting: Waiting) -> Outgoing:
    """The message as it waits."""
    due = b"%d" % math.ceil(waiting.due * 1000)
    return replace(
        message,
        headers=(*message.headers, (DUE, due), (DESTINATION, waiting.topic.encode())),
    )


def waiting(record: Message) -> Waiting:
    """What a record in a delay's topic waits for; raises WireError."""
    headers = dict(headers_of(record))
    due, topic = headers.get(DUE, b""), headers.get(DESTINATION, b"")
    if not _MILLISECONDS.fullmatch(due) or not _TOPIC.fullmatch(topic):
        raise WireError(f"the record in a delay's topic has no {DUE} or no {DESTINATION}")
    return Waiting(int(due) / 1000, topic.decode())


def arrived(record: Message) -> Outgoing:
    """The copy of a delayed message that goes to its queue: as it was published."""
    kept = [(name, it) for name, it in headers_of(record) if name not in {DUE, DESTINATION}]
    return Outgoing(record.key(), record.value() or b"", tuple(kept))


def _head(headers: Mapping[str, bytes]) -> dict[str, Any]:
    text = headers.get(HEADER)
    if text is None:
        raise WireError(f"the record has no header {HEADER!r}: it was not published by kombu")
    try:
        # kombu's reader looks at each object for its own types, in Python.
        head = loads(text) if b'"__type__"' in text else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header {HEADER!r} is no JSON") from error
    if not isinstance(head, dict) or head.get("v") != VERSION:
        raise WireError(f"the header {HEADER!r} is not of version {VERSION}")
    if not _is_whole(head):
        raise WireError(f"the header {HEADER!r} lacks something")
    return head


def _is_whole(head: Mapping[str, Any]) -> bool:
    properties = head.get("properties")
    return (
        isinstance(properties, dict)
        and isinstance(properties.get("delivery_info"), dict)
        and isinstance(head.get("headers"), dict)
        and {"content-type", "content-encoding"} <= head.keys()
    )


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
