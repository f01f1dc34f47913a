"""Transport options and URL to librdkafka's configuration, validated.

Celery's `broker_transport_options` come here. Unknown names are refused, and so is every librdkafka
property that a guarantee of the transport hangs on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from bridge.transport.address import Address
from bridge.transport.errors import OptionError

#: librdkafka's configuration: text, numbers, and callbacks.
Config = dict[str, Any]
Properties = Mapping[str, str | int | float | bool]

#: Each level is a topic for each queue.
MOST_PRIORITIES: Final = 10

#: What kombu and Celery put beside a transport's own options.
KOMBU_OPTIONS: Final = frozenset(
    {
        "callback", "client", "confirm_publish", "confirm_timeout", "connect_retries_timeout",
        "connect_timeout", "errback", "failover_strategy", "interval_max", "interval_start",
        "interval_step", "max_retries", "polling_interval", "retry_errors",
    }
)  # fmt: skip

#: Properties that are ours, and what to use instead.
RESERVED: Final = {
    "acks": "every message is confirmed by all replicas",
    "allow.auto.create.topics": "use the option topic_creation",
    "auto.commit.enable": "only finished messages are committed",
    "auto.offset.reset": "no message may be skipped",
    "bootstrap.servers": "name the brokers in the URL",
    "delivery.timeout.ms": "use the option publish_timeout",
    "enable.auto.commit": "only finished messages are committed",
    "enable.auto.offset.store": "only finished messages are committed",
    "enable.idempotence": "a repeated message may not be doubled",
    "enable.partition.eof": "it is no message",
    "group.id": "use the option group_id",
    "group.protocol": "only the classic protocol is supported now",
    "group.remote.assignor": "only the classic protocol is supported now",
    "isolation.level": "messages are not transactional",
    "message.max.bytes": "use the option max_message_bytes",
    "message.timeout.ms": "use the option publish_timeout",
    "metadata.broker.list": "name the brokers in the URL",
    "partition.assignment.strategy": "partitions move one by one, never all at once",
    "request.required.acks": "every message is confirmed by all replicas",
    "session.timeout.ms": "use the option session_timeout",
    "transactional.id": "messages are not transactional",
}


class Creation(StrEnum):
    """What to do about a topic before it is used."""

    #: Create it by topic administration.
    CREATE = "create"
    #: Never create; say clearly if it is missing.
    VERIFY = "verify"
    #: Leave it to the broker, which makes what it is asked for.
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Options:
    """The transport's options with their defaults; times are in seconds."""

    #: Workers of one group share the queues; one group per kind of worker.
    group_id: str = "celery"
    client_id: str = "celery"
    topic_prefix: str = ""
    topic_creation: Creation = Creation.CREATE
    #: Of a created topic; more workers than partitions stay idle.
    partitions: int = 6
    #: -1 is the broker's default.
    replication_factor: int = -1
    topic_config: Mapping[str, str] = field(default_factory=dict)
    #: How long publishing may take before it raises.
    publish_timeout: float = 10.0
    max_message_bytes: int = 1_000_000
    #: A message that was requeued so often becomes a dead letter.
    max_deliveries: int = 5
    #: Levels of priority, the lowest is 0; 1 is none.
    priorities: int = 1
    #: A message that is due later than this waits in Kafka; None: all wait in the worker.
    delay_threshold: float | None = 1.0
    #: Workers of this group move delayed messages on; by default all that share the topics.
    delay_group: str = ""
    #: Messages fetched ahead, beyond those handed out.
    buffer_size: int = 1000
    commit_interval: float = 0.5
    #: How long running tasks may go on when their partition moves to another worker.
    revoke_grace: float = 5.0
    #: How long a worker may be silent before its partitions move.
    session_timeout: float = 45.0
    #: librdkafka properties of every client, of consumers, of producers.
    kafka: Properties = field(default_factory=dict)
    kafka_consumer: Properties = field(default_factory=dict)
    kafka_producer: Properties = field(default_factory=dict)

    def consumer(self, address: Address) -> Config:
        """Configuration of a group member that commits by hand."""
        session = int(self.session_timeout * 1000)
        return {
            # Latency on a broker that does not wake a waiting fetch.
            "fetch.wait.max.ms": 10,
            "topic.metadata.refresh.interval.ms": 30_000,
            "queued.max.messages.kbytes": 16_384,
            "heartbeat.interval.ms": min(3000, session // 3),
            **self._common(address),
            **self.kafka_consumer,
            "group.id": self.group_id,
            "session.timeout.ms": session,
            "partition.assignment.strategy": "cooperative-sticky",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "allow.auto.create.topics": self.topic_creation is Creation.AUTO,
        }

    def producer(self, address: Address) -> Config:
        """Configuration of an idempotent producer."""
        return {
            "linger.ms": 0,
            # Spreads messages without key; by default a burst would go to one partition.
            "sticky.partitioning.linger.ms": 0,
            "partitioner": "murmur2_random",
            **self._common(address),
            **self.kafka_producer,
            "enable.idempotence": True,
            "acks": "all",
            "message.max.bytes": self.max_message_bytes,
            # librdkafka looks for late messages once a second: so it gives up before we do, and
            # a message that was said to have failed is not sent afterwards.
            "message.timeout.ms": max(int(self.publish_timeout * 1000) - 1000, 500),
        }

    def admin(self, address: Address) -> Config:
        """Configuration of a client for topic administration."""
        return self._common(address)

    def _common(self, address: Address) -> Config:
        return {
            "client.id": self.client_id,
            "reconnect.backoff.max.ms": 2000,
            "log.connection.close": False,
            **_credentials(address),
            **self.kafka,
            "bootstrap.servers": address.brokers,
            "logger": logging.getLogger("bridge.transport.librdkafka"),
        }


def read(given: Mapping[str, Any]) -> Options:
    """Validate transport options; raises OptionError that names the wrong one."""
    own = {name: value for name, value in given.items() if name not in KOMBU_OPTIONS}
    unknown = sorted(own.keys() - _READERS.keys())
    if unknown:
        raise OptionError(
            f"No such transport option: {', '.join(unknown)}. There are: {', '.join(_READERS)}."
        )
    return Options(**{name: _READERS[name](name, value) for name, value in own.items()})


def _credentials(address: Address) -> Config:
    if not address.username:
        return {}
    return {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": address.username,
        "sasl.password": address.password,
    }


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise OptionError(f"The transport option {name} must be text.")
    return value


def _filled(name: str, value: object) -> str:
    if not _text(name, value):
        raise OptionError(f"The transport option {name} must not be empty.")
    return _text(name, value)


def _creation(name: str, value: object) -> Creation:
    try:
        return Creation(_text(name, value))
    except ValueError as error:
        known = ", ".join(Creation)
        raise OptionError(f"The transport option {name} must be one of: {known}.") from error


def _count(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise OptionError(f"The transport option {name} must be a whole number above 0.")
    return value


def _levels(name: str, value: object) -> int:
    if _count(name, value) > MOST_PRIORITIES:
        raise OptionError(f"The transport option {name} must be at most {MOST_PRIORITIES}.")
    return _count(name, value)


def _factor(name: str, value: object) -> int:
    return -1 if value == -1 else _count(name, value)


def _seconds(name: str, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise OptionError(f"The transport option {name} must be seconds, 0 or more.")
    return float(value)


def _threshold(name: str, value: object) -> float | None:
    return None if value is None else _seconds(name, value)


def _some_seconds(name: str, value: object) -> float:
    if not _seconds(name, value):
        raise OptionError(f"The transport option {name} must be more than 0 seconds.")
    return _seconds(name, value)


def _topic_config(name: str, value: object) -> Mapping[str, str]:
    return {key: str(setting) for key, setting in _mapping(name, value).items()}


def _properties(name: str, value: object) -> Properties:
    properties = _mapping(name, value)
    for key in properties:
        if key in RESERVED or key.endswith("_cb"):
            reason = RESERVED.get(key, "callbacks are the transport's")
            raise OptionError(f"The property {key} cannot be set in {name}: {reason}.")
    return properties


def _mapping(name: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise OptionError(f"The transport option {name} must map names to values.")
    return dict(value)


_READERS: Final[Mapping[str, Callable[[str, object], Any]]] = {
    "group_id": _filled,
    "client_id": _filled,
    "topic_prefix": _text,
    "topic_creation": _creation,
    "partitions": _count,
    "replication_factor": _factor,
    "topic_config": _topic_config,
    "publish_timeout": _some_seconds,
    "max_message_bytes": _count,
    "max_deliveries": _count,
    "priorities": _levels,
    "delay_threshold": _threshold,
    "delay_group": _filled,
    "buffer_size": _count,
    "commit_interval": _some_seconds,
    "revoke_grace": _seconds,
    "session_timeout": _some_seconds,
    "kafka": _properties,
    "kafka_consumer": _properties,
    "kafka_producer": _properties,
}
