"""Creates the platform's topics on a broker that has topic administration.

The embedded broker has none; there a topic is made by the first client that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from app.errors import UnavailableError
from app.messages import topics
from bridge.kafka import clients
from bridge.transport import logs, naming
from bridge.transport.options import Options


def create_all(
    brokers: str,
    *,
    replication_factor: int = -1,
    timeout: float = 30.0,
    options: clients.Options | None = None,
) -> list[str]:
    """Create every topic, its dead letter and the logs; returns the names of those that are new.

    Existing topics are left as they are. A replication factor of -1 is the broker's default.
    Raises UnavailableError where the broker refuses one or does not answer within `timeout` s.
    """
    admin = AdminClient(clients.admin(brokers, options))
    # The client must stay referenced until its futures are done: they fail when it is collected.
    futures = admin.create_topics(list(_wanted(replication_factor)), request_timeout=timeout)
    return [name for name, future in futures.items() if _is_new(name, future, brokers)]


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


def _is_new(name: str, future: Future[None], brokers: str) -> bool:
    try:
        future.result()
    except KafkaException as error:
        reason: KafkaError = error.args[0]
        if reason.code() == KafkaError.TOPIC_ALREADY_EXISTS:
            return False
        raise UnavailableError(
            f"The topic {name} cannot be created: {reason.str()}.",
            where=brokers,
            hint="The embedded broker needs no topics created.",
        ) from error
    return True
