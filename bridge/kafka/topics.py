"""Creates the platform's topics on a broker that has topic administration.

The embedded broker has none; there a topic is made by the first client that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from app.errors import UnavailableError
from app.messages import topics
from bridge.kafka import clients
from bridge.transport import logs, naming, trouble
from bridge.transport.options import Options

#: The broker has no such administration.
_UNSUPPORTED: Final = KafkaError._UNSUPPORTED_FEATURE  # noqa: SLF001 - its public name
_EMBEDDED: Final = "The embedded broker needs no topics created."


def create_all(
    brokers: str,
    *,
    replication_factor: int = -1,
    timeout: float = 30.0,
    options: clients.Options | None = None,
) -> list[str]:
    """Create every topic, its dead letter and the logs; returns the names of those that are new.

    Existing topics are left as they are. A replication factor of -1 is the broker's default.
    Raises UnavailableError where the broker refuses one or does not answer within `timeout` s, and
    InvalidInputError as `clients.made` does.
    """
    heard = clients.heard()
    config = {**clients.admin(brokers, options), "error_cb": heard.hear}
    admin = clients.made(AdminClient, config)
    # The client must stay referenced until its futures are done: they fail when it is collected.
    futures = admin.create_topics(list(_wanted(replication_factor)), request_timeout=timeout)
    reasons = {name: _refusal(future) for name, future in futures.items()}
    # Serves `error_cb`, which nobody else does for this client.
    admin.poll(0)
    for name, reason in reasons.items():
        if reason is not None and reason.code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise UnavailableError(
                f"The topic {name} cannot be created: {heard.because(reason)}.",
                where=brokers,
                hint=_EMBEDDED if reason.code() == _UNSUPPORTED else "",
            )
    return [name for name, reason in reasons.items() if reason is None]


def broadcast_logs() -> list[str]:
    """The topics that Celery's remote control and events go through."""
    return [naming.log_of(exchange) for exchange in topics.BROADCASTS]


def _wanted(replication_factor: int) -> Iterator[NewTopic]:
    for topic in topics.TOPICS:
        for name, partitions in ((topic.name, topic.partitions), (topic.dead_letter, 1)):
            yield NewTopic(
                name,
                num_partitions=partitions,
                replication_factor=replication_factor,
                config={
                    "retention.ms": str(topic.retention_hours * 3_600_000),
                    "max.message.bytes": str(clients.MAX_MESSAGE_BYTES),
                },
            )
    for name in broadcast_logs():
        yield NewTopic(
            name,
            num_partitions=1,
            replication_factor=replication_factor,
            config={
                **logs.topic_config(Options().log_retention),
                "max.message.bytes": str(clients.MAX_MESSAGE_BYTES),
            },
        )


def _refusal(future: Future[None]) -> KafkaError | None:
    """Why a topic was not created; None where it was."""
    try:
        future.result()
    except KafkaException as error:
        return trouble.of(error)
    return None
