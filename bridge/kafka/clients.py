"""The one place where librdkafka is configured for domain events.

Transport security (SASL, TLS) comes in as `options`, librdkafka's own names. What the guarantees
rest on (acknowledgement by all replicas, no automatic commit) is set last and cannot be changed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from confluent_kafka import KafkaException

from app.errors import InvalidInputError
from bridge.kafka import advice
from bridge.transport import chatter, trouble
from bridge.transport.secrets import Masked

#: Largest event in bytes. Above Kafka's 1 MB, since a result carries its HTTP exchange; far below
#: the 5 MB per partition that the embedded broker keeps. Topics are created with the same limit.
MAX_MESSAGE_BYTES = 2 * 1024**2

#: How long a publish may stay unconfirmed before it is given up.
DELIVERY_TIMEOUT_SECONDS = 30.0

Options = Mapping[str, str | int | float | bool]
#: librdkafka's configuration; values are text, numbers, and the callbacks that it may call.
Config = dict[str, Any]
Client = TypeVar("Client")

_LIBRDKAFKA = chatter.logger("bridge.kafka.librdkafka")
_log = logging.getLogger(__name__)


def producer(brokers: str, options: Options | None = None) -> Config:
    """Configuration of an idempotent producer that waits for all replicas."""
    return Masked(
        {
            "linger.ms": 5,
            **_common(brokers, options),
            "message.max.bytes": MAX_MESSAGE_BYTES,
            "delivery.timeout.ms": int(DELIVERY_TIMEOUT_SECONDS * 1000),
            "enable.idempotence": True,
            "acks": "all",
            # The partition of a key must be the one that Kafka's own clients would choose.
            "partitioner": "murmur2_random",
        }
    )


def consumer(brokers: str, group: str, options: Options | None = None) -> Config:
    """Configuration of a group member that commits by hand and loses no old event."""
    return Masked(
        {
            # The embedded broker does not wake a waiting fetch: this is the latency there.
            "fetch.wait.max.ms": 10,
            # A topic made later, or given more partitions, is noticed within this time.
            "topic.metadata.refresh.interval.ms": 10_000,
            # Bounds the memory that fetched but unhandled events take.
            "queued.max.messages.kbytes": 16_384,
            **_common(brokers, options),
            "group.id": group,
            # Only what moves in a rebalance stops; the rest goes on.
            "partition.assignment.strategy": "cooperative-sticky",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            # The embedded broker has no topic administration: asking for a topic makes it.
            "allow.auto.create.topics": True,
        }
    )


def admin(brokers: str, options: Options | None = None) -> Config:
    """Configuration of a client that creates topics."""
    return _common(brokers, options)


def _common(brokers: str, options: Options | None) -> Config:
    return Masked(
        {
            "reconnect.backoff.max.ms": 2_000,
            **(options or {}),
            "bootstrap.servers": brokers,
            "logger": _LIBRDKAFKA,
            # Errors of the connection mend themselves: they are for the log, and for who gives up.
            "error_cb": heard().hear,
        }
    )


def heard() -> trouble.Trouble:
    """Where a client's errors go that nobody waits for: logged, and kept to tell why it failed."""
    return trouble.Trouble(_log_error, say=advice.explain)


def made(kind: Callable[[Config], Client], config: Config) -> Client:
    """A client; raises InvalidInputError that says what librdkafka refuses, without a password."""
    try:
        return kind(config)
    except KafkaException as error:
        raise InvalidInputError(
            f"Kafka's client cannot be made: {trouble.of(error).str()}.",
            where=config["bootstrap.servers"],
            hint="Correct the setting TESTOPS_KAFKA_… of that name.",
        ) from error


def _log_error(text: str) -> None:
    """Record an error that librdkafka will retry by itself."""
    _log.warning("kafka.client_failed error=%s", text)
