"""Puts aside what could not be handled: `<topic>.dlq`, with its origin and the reason.

A dead letter keeps key, value and headers of the original; the headers that say where it came from
and why are those of the transport, so that all dead letters are alike.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Final

from app.services.dead_letters import Letter
from bridge.kafka import clients, records
from bridge.kafka.producer import EventProducer
from bridge.transport import naming, wire

#: A record from elsewhere may be as large as its topic takes; with the headers of a letter it must
#: still fit, so the rest is cut off. Nothing of ours comes near.
_MOST_BYTES: Final = clients.MAX_MESSAGE_BYTES - 64 * 1024
#: Most digits of a number that fits into PostgreSQL's integer, and into its bigint.
_DIGITS, _MANY_DIGITS = 9, 18

_log = logging.getLogger(__name__)


def put(producer: EventProducer, record: records.Record, reason: str) -> None:
    """Publish a record's dead letter; it is certain to be there once the producer is flushed.

    Raises UnavailableError where Kafka takes it not.
    """
    topic, partition = records.place_of(record)
    _log.error(
        "dead_letter.put topic=%s partition=%d offset=%d reason=%s",
        topic, partition, records.offset_of(record), reason,
    )  # fmt: skip
    letter = wire.dead_letter(record, reason)
    producer.produce(
        naming.dead_letter_of(topic),
        key=letter.key,
        value=letter.value[:_MOST_BYTES],
        headers=letter.headers,
    )


def read(record: records.Record) -> Letter:
    """Read a dead letter, whoever wrote it; what it does not say is taken from where it lies."""
    topic, partition = records.place_of(record)
    headers = records.headers_of(record)
    said = dict(headers)
    moment = record.timestamp()[1]
    return Letter(
        topic=_text(said, wire.ORIGIN_TOPIC) or topic.removesuffix(naming.DEAD_LETTER_SUFFIX),
        partition=_number(said, wire.ORIGIN_PARTITION, _DIGITS, partition),
        offset=_number(said, wire.ORIGIN_OFFSET, _MANY_DIGITS, records.offset_of(record)),
        written_at=_moment(_number(said, wire.ORIGIN_TIME, _DIGITS + 4, moment)),
        died_at=_moment(moment),
        reason=_text(said, wire.REASON),
        count=_number(said, wire.DEAD_COUNT, _DIGITS, 1),
        key=record.key(),
        body=record.value() or b"",
        headers=tuple((name, value) for name, value in headers if name not in wire.OF_DEATH),
    )


def _text(headers: dict[str, bytes], name: str) -> str:
    return headers.get(name, b"").decode(errors="replace")


def _number(headers: dict[str, bytes], name: str, digits: int, otherwise: int) -> int:
    text = headers.get(name, b"")
    return int(text) if text.isdigit() and len(text) <= digits else otherwise


def _moment(milliseconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
