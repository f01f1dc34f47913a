"""Puts aside what could not be handled: `<topic>.dlq`, with its origin and the reason.

A dead letter keeps key, value and headers of the original and gets the headers below, so that it
can be looked at, mended and published again.
"""

from __future__ import annotations

import logging
from typing import Final

from bridge.kafka import clients, records
from bridge.kafka.producer import EventProducer

SUFFIX: Final = ".dlq"
ORIGIN_TOPIC: Final = "x-origin-topic"
ORIGIN_PARTITION: Final = "x-origin-partition"
ORIGIN_OFFSET: Final = "x-origin-offset"
REASON: Final = "x-reason"

#: A record from elsewhere may be as large as its topic takes; with the headers below it must still
#: fit, so the rest is cut off. Nothing of ours comes near.
_MOST_BYTES: Final = clients.MAX_MESSAGE_BYTES - 64 * 1024
_MOST_REASON: Final = 4096

_log = logging.getLogger(__name__)


def put(producer: EventProducer, record: records.Record, reason: str) -> None:
    """Publish a record's dead letter; it is certain to be there once the producer is flushed.

    Raises UnavailableError where Kafka takes it not.
    """
    topic, partition = records.place_of(record)
    offset = records.offset_of(record)
    _log.error(
        "dead_letter.put topic=%s partition=%d offset=%d reason=%s",
        topic, partition, offset, reason,
    )  # fmt: skip
    producer.produce(
        topic + SUFFIX,
        key=record.key(),
        value=(record.value() or b"")[:_MOST_BYTES],
        headers=[
            *records.headers_of(record),
            (ORIGIN_TOPIC, topic.encode()),
            (ORIGIN_PARTITION, str(partition).encode()),
            (ORIGIN_OFFSET, str(offset).encode()),
            (REASON, reason[:_MOST_REASON].encode()),
        ],
    )
