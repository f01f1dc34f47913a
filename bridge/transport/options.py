"""Transport options and URL to librdkafka's configuration, validated.

Celery's `broker_transport_options` come here. Unknown names are refused, and so is every librdkafka
property that a guarantee of the transport hangs on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from bridge.transport import chatter, secrets, values
from bridge.transport.address import Address
from bridge.transport.errors import OptionError
from bridge.transport.logs import EVENT_EXCHANGE

#: librdkafka's configuration: text, numbers, and callbacks.
Config = dict[str, Any]
Properties = Mapping[str, str | int | float | bool]

#: Each level is a topic for each queue.
MOST_PRIORITIES: Final = 10

#: Bytes of the headers that a requeued, delayed or rejected message has beside its own.
_ROOM_FOR_COPIES: Final = 4096

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
    "group.protocol": "use the option group_protocol",
    "isolation.level": "messages are not transactional",
    "message.max.bytes": "use the option max_message_bytes",
    "message.timeout.ms": "use the option publish_timeout",
    "metadata.broker.list": "name the brokers in the URL",
    "partition.assignment.strategy": "partitions move one by one, never all at once",
    "request.required.acks": "every message is confirmed by all replicas",
    "session.timeout.ms": "use the option session_timeout",
    "transactional.id": "messages are not transactional",
}

#: Of consumers, and the broker's with the group protocol `consumer`.
_CLASSIC_ONLY: Final = ("heartbeat.interval.ms", "group.protocol.type")
_BROKER_ASSIGNS_ONLY: Final = ("group.remote.assignor",)
#: How long a broker may wait for messages to answer with. Kafka answers as soon as there is one, so
#: this only says how often an idle worker asks, and how soon a partition that was paused goes on.
_CALM_MS: Final = 50
#: librdkafka's built-in broker wakes no fetch that waits: there this is the latency. It is the one
#: that has no topic administration.
_EAGER_MS: Final = 10
#: Callbacks that a user may give: it fetches a token for SASL OAUTHBEARER.
_CALLBACKS: Final = frozenset(["oauth_cb"])

#: librdkafka's default and its most.
_POLL_INTERVAL_MS: Final = 300_000
_DAY_MS: Final = 86_400_000


class Creation(StrEnum):
    """What to do about a topic before it is used."""

    #: Create it by topic administration.
    CREATE = "create"
    #: Never create; say clearly if it is missing.
    VERIFY = "verify"
    #: Leave it to the broker, which makes what it is asked for.
    AUTO = "auto"


class GroupProtocol(StrEnum):
    """How the members of a group share its partitions."""

    #: Members decide, in a rebalance; partitions move one by one (cooperative-sticky).
    CLASSIC = "classic"
    #: The broker decides (KIP-848, Kafka 4.0 and later); session and assignor are its own.
    CONSUMER = "consumer"


@dataclass(frozen=True, slots=True)
class Options:
    """The transport's options with their defaults; times are in seconds."""

    #: Workers of one group share the queues; one group per kind of worker.
    group_id: str = "celery"
    group_protocol: GroupProtocol = GroupProtocol.CLASSIC
    client_id: str = "celery"
    topic_prefix: str = ""
    topic_creation: Creation = Creation.CREATE
    #: Whether deleting a queue deletes its topics.
    topic_deletion: bool = False
    #: Of a created topic; more workers than partitions stay idle.
    partitions: int = 6
    #: -1 is the broker's default.
    replication_factor: int = -1
    topic_config: Mapping[str, str] = field(default_factory=dict)
    #: How long publishing may take before it raises.
    publish_timeout: float = 10.0
    #: Messages of a connection that may be unconfirmed when publishing returns; 0 waits for each.
    publish_ahead: int = 0
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
    #: How long a worker may be silent before its partitions move (classic protocol).
    session_timeout: float = 45.0
    #: Exchanges that are logs of events, beside `celeryev`: sending to them never waits.
    log_exchanges: Collection[str] = (EVENT_EXCHANGE,)
    #: How long Kafka keeps what is broadcast.
    log_retention: float = 300.0
    #: librdkafka properties of every client, of consumers, of producers.
    kafka: Properties = field(default_factory=dict)
    kafka_consumer: Properties = field(default_factory=dict)
    kafka_producer: Properties = field(default_factory=dict)

    @property
    def topic_message_bytes(self) -> int:
        """What a topic must take: the copy of a message says more than the message."""
        return self.max_message_bytes + _ROOM_FOR_COPIES

    def consumer(self, address: Address) -> Config:
        """Configuration of a group member that commits by hand."""
        return {
            "fetch.wait.max.ms": _EAGER_MS if self.topic_creation is Creation.AUTO else _CALM_MS,
            # Where brokers make topics themselves some are missing when they are subscribed.
            "topic.metadata.refresh.interval.ms": (
                1000 if self.topic_creation is Creation.AUTO else 30_000
            ),
            "queued.max.messages.kbytes": 16_384,
            **self._heartbeat(),
            **self._common(address),
            **self.kafka_consumer,
            **self._membership(),
            "group.id": self.group_id,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "allow.auto.create.topics": self.topic_creation is Creation.AUTO,
        }

    def reader(self, address: Address) -> Config:
        """Configuration of a consumer of logs, which is in no group and commits nothing."""
        return {
            # Brokers wake a waiting fetch; for one that does not, a tenth of a second is enough.
            "fetch.wait.max.ms": 100,
            "topic.metadata.refresh.interval.ms": 30_000,
            "queued.max.messages.kbytes": 4096,
            **self._common(address),
            **self.kafka_consumer,
            # librdkafka wants one; this consumer never joins it.
            "group.id": self.group_id,
            "group.protocol": "classic",
            # Only a member has one; librdkafka compares it with the session all the same.
            "max.poll.interval.ms": _DAY_MS,
            "auto.offset.reset": "error",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "allow.auto.create.topics": self.topic_creation is Creation.AUTO,
        }

    def lossy(self, address: Address) -> Config:
        """Configuration of a producer of events, which may lose some."""
        return {
            "linger.ms": 10,
            # Bounds memory; a producer that is full drops what it is given.
            "queue.buffering.max.messages": 10_000,
            "queue.buffering.max.kbytes": 16_384,
            **self._common(address),
            **self.kafka_producer,
            "enable.idempotence": False,
            "acks": 1,
            "message.max.bytes": self.max_message_bytes,
            "message.timeout.ms": max(int(self.publish_timeout * 1000), 500),
            # Nobody waits for the others.
            "delivery.report.only.error": True,
        }

    def producer(self, address: Address) -> Config:
        """Configuration of an idempotent producer."""
        return {
            # Where nobody waits for a message, it waits for others.
            "linger.ms": 5 if self.publish_ahead else 0,
            # Spreads messages without key; by default a burst would go to one partition.
            "sticky.partitioning.linger.ms": 0,
            "partitioner": "murmur2_random",
            **self._common(address),
            **self.kafka_producer,
            "enable.idempotence": True,
            "acks": "all",
            "message.max.bytes": self.topic_message_bytes,
            # librdkafka looks for late messages once a second: so it gives up before we do, and
            # a message that was said to have failed is not sent afterwards.
            "message.timeout.ms": max(int(self.publish_timeout * 1000) - 1000, 500),
        }

    def admin(self, address: Address) -> Config:
        """Configuration of a client for topic administration."""
        return self._common(address)

    def identity(self) -> str:
        """What tells these options from others, passwords and all: never to be shown."""
        plain = (getattr(self, each.name) for each in fields(self))
        return repr([dict(it) if isinstance(it, Mapping) else it for it in plain])

    def _heartbeat(self) -> Config:
        if self.group_protocol is GroupProtocol.CONSUMER:
            return {}
        return {"heartbeat.interval.ms": min(3000, int(self.session_timeout * 1000) // 3)}

    def _membership(self) -> Config:
        if self.group_protocol is GroupProtocol.CONSUMER:
            return {"group.protocol": "consumer"}
        return {
            "group.protocol": "classic",
            "session.timeout.ms": int(self.session_timeout * 1000),
            "partition.assignment.strategy": "cooperative-sticky",
        }

    def _common(self, address: Address) -> Config:
        return {
            "client.id": self.client_id,
            "reconnect.backoff.max.ms": 2000,
            "log.connection.close": False,
            **_credentials(address),
            **self.kafka,
            "bootstrap.servers": address.brokers,
            "logger": chatter.LOGGER,
        }


def read(given: Mapping[str, Any]) -> Options:
    """Validate transport options; raises OptionError that names the wrong one."""
    own = {name: value for name, value in given.items() if name not in KOMBU_OPTIONS}
    unknown = sorted(own.keys() - _READERS.keys())
    if unknown:
        raise OptionError(
            f"No such transport option: {', '.join(unknown)}. There are: {', '.join(_READERS)}."
        )
    options = Options(**{name: _READERS[name](name, value) for name, value in own.items()})
    _check_protocol(options, own)
    _check_grace(options)
    return options


def _check_protocol(options: Options, given: Container[str]) -> None:
    """Refuse what the chosen group protocol leaves to the broker, or does not have."""
    properties = {**options.kafka, **options.kafka_consumer}
    if options.group_protocol is GroupProtocol.CLASSIC:
        foreign = [name for name in _BROKER_ASSIGNS_ONLY if name in properties]
        reason = "the broker assigns partitions only where group_protocol is 'consumer'"
    else:
        foreign = [name for name in _CLASSIC_ONLY if name in properties]
        foreign += ["session_timeout"] if "session_timeout" in given else []
        reason = "with group_protocol 'consumer' the broker decides that"
    if foreign:
        raise OptionError(f"{', '.join(foreign)} cannot be set: {reason}.")


def _check_grace(options: Options) -> None:
    """Refuse a grace in which a worker would be taken for dead, as it does not poll meanwhile."""
    properties = {**options.kafka, **options.kafka_consumer}
    interval = str(properties.get("max.poll.interval.ms", _POLL_INTERVAL_MS))
    # What is no number librdkafka refuses.
    if interval.isdigit() and options.revoke_grace * 1000 >= int(interval):
        raise OptionError(
            f"The transport option revoke_grace ({options.revoke_grace:g} s) must be less than "
            f"max.poll.interval.ms ({interval}): raise that in kafka_consumer."
        )


def _credentials(address: Address) -> Config:
    """What the URL and `broker_use_ssl` say of the way to the brokers."""
    if not address.username:
        return {"security.protocol": address.security_protocol, **address.tls}
    return {
        "security.protocol": address.security_protocol,
        "sasl.mechanism": "PLAIN",
        "sasl.username": address.username,
        "sasl.password": address.password,
        **address.tls,
    }


def _levels(name: str, value: object) -> int:
    if values.count(name, value) > MOST_PRIORITIES:
        raise OptionError(f"The transport option {name} must be at most {MOST_PRIORITIES}.")
    return values.count(name, value)


def _threshold(name: str, value: object) -> float | None:
    return None if value is None else values.seconds(name, value)


def _event_exchanges(name: str, value: object) -> Collection[str]:
    names = value if isinstance(value, list | tuple | set | frozenset) else [None]
    if not all(isinstance(each, str) and each for each in names):
        raise OptionError(f"The transport option {name} must be a list of exchanges' names.")
    return (EVENT_EXCHANGE, *sorted(set(names) - {EVENT_EXCHANGE}))


def _properties(name: str, value: object) -> Properties:
    properties = values.mapping(name, value)
    for key in properties:
        if key in RESERVED or (key.endswith("_cb") and key not in _CALLBACKS):
            reason = RESERVED.get(key, "callbacks are the transport's")
            raise OptionError(f"The property {key} cannot be set in {name}: {reason}.")
    return secrets.Masked(properties)


_READERS: Final[Mapping[str, Callable[[str, object], Any]]] = {
    "group_id": values.filled,
    "group_protocol": values.one_of(GroupProtocol),
    "client_id": values.filled,
    "topic_prefix": values.text,
    "topic_creation": values.one_of(Creation),
    "topic_deletion": values.switch,
    "partitions": values.count,
    "replication_factor": values.factor,
    "topic_config": values.texts,
    "publish_timeout": values.some_seconds,
    "publish_ahead": values.number,
    "max_message_bytes": values.count,
    "max_deliveries": values.count,
    "priorities": _levels,
    "delay_threshold": _threshold,
    "delay_group": values.filled,
    "buffer_size": values.count,
    "commit_interval": values.some_seconds,
    "revoke_grace": values.seconds,
    "session_timeout": values.some_seconds,
    "log_exchanges": _event_exchanges,
    "log_retention": values.some_seconds,
    "kafka": _properties,
    "kafka_consumer": _properties,
    "kafka_producer": _properties,
}
