"""Makes sure that topics exist before they are used, as the option `topic_creation` says."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bridge.transport import naming
from bridge.transport.address import Address
from bridge.transport.options import Creation, Options
from bridge.transport.schedule import DELAYS

#: As Kafka's own default.
_WEEK_MS: Final = 7 * 24 * 3600 * 1000
#: Between two looks for a topic that was just made.
_LOOK_SECONDS: Final = 0.02


class MissingTopicError(Exception):
    """A topic does not exist, and creating it is not allowed or not possible."""


class Topics:
    """The topics of one cluster that are known to exist. Thread-safe."""

    def __init__(self, options: Options, address: Address) -> None:
        self._options = options
        self._address = address
        self._known: set[str] = set()

    def ensure(self, names: Collection[str]) -> None:
        """Create or verify topics; those seen before cost nothing.

        With one delay's topic come all of them: whoever moves messages on looks for one only.
        Blocks for one round trip, at most for the publish limit. Raises MissingTopicError.
        """
        wanted = sorted(set(names) - self._known)
        if not wanted:
            return
        if any(self._delay(name) for name in wanted):
            wanted = sorted({*wanted, *delays(self._options)})
            self._look_after(wanted)
        elif self._options.topic_creation is not Creation.AUTO:
            self._look_after(wanted)
        self._known.update(wanted)

    def _delay(self, name: str) -> int | None:
        return naming.seconds_of(name, self._options.topic_prefix)

    def _look_after(self, wanted: list[str]) -> None:
        # The client must stay referenced until its futures are done.
        admin = AdminClient(self._options.admin(self._address))
        try:
            step = {
                Creation.CREATE: self._create,
                Creation.VERIFY: self._verify,
                Creation.AUTO: self._ask_for,
            }[self._options.topic_creation]
            step(admin, wanted)
        except KafkaException as error:
            reason: KafkaError = error.args[0]
            raise MissingTopicError(
                f"Kafka at {self._address.brokers} has not got {', '.join(wanted)}: {reason.str()}"
            ) from error

    def _create(self, admin: AdminClient, wanted: list[str]) -> None:
        futures = admin.create_topics(
            [self._new(name) for name in wanted], request_timeout=self._options.publish_timeout
        )
        for future in futures.values():
            try:
                future.result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise
        self._await(admin, wanted)

    def _await(self, admin: AdminClient, wanted: list[str]) -> None:
        """Wait until brokers know what their controller has made.

        A consumer that subscribed before would look again only at its next metadata refresh.
        """
        deadline = time.monotonic() + self._options.publish_timeout
        while self._missing(admin, wanted):
            if time.monotonic() > deadline:
                raise MissingTopicError(
                    f"Kafka at {self._address.brokers} has made {', '.join(wanted)} "
                    "but does not show it yet"
                )
            time.sleep(_LOOK_SECONDS)

    def _verify(self, admin: AdminClient, wanted: list[str]) -> None:
        missing = self._missing(admin, wanted)
        if missing:
            raise MissingTopicError(
                f"Kafka at {self._address.brokers} has no topic {', '.join(missing)}; "
                "create it, or set the transport option topic_creation to 'create'"
            )

    def _ask_for(self, admin: AdminClient, wanted: list[str]) -> None:
        """Have brokers make topics: they make what they are asked for by name."""
        for name in wanted:
            admin.list_topics(name, timeout=self._options.publish_timeout)

    def _missing(self, admin: AdminClient, wanted: list[str]) -> list[str]:
        # All topics: to ask for one by name would make it where brokers create topics themselves.
        there = admin.list_topics(timeout=self._options.publish_timeout).topics
        return [name for name in wanted if name not in there]

    def _new(self, name: str) -> NewTopic:
        limit = {"max.message.bytes": str(self._options.max_message_bytes)}
        return NewTopic(
            name,
            num_partitions=self._options.partitions,
            replication_factor=self._options.replication_factor,
            config={**limit, **self._options.topic_config, **self._of_delay(name)},
        )

    def _of_delay(self, name: str) -> dict[str, str]:
        """What a delay's topic needs: the time that messages wait is not part of their retention.

        The broker's clock stamps them, so that they are in order.
        """
        delay = self._delay(name)
        if delay is None:
            return {}
        retention = int(self._options.topic_config.get("retention.ms", _WEEK_MS))
        kept = retention if retention < 0 else retention + delay * 1000
        return {
            "message.timestamp.type": "LogAppendTime",
            "cleanup.policy": "delete",
            "retention.ms": str(kept),
        }


def delays(options: Options) -> list[str]:
    """The topics of all delays."""
    return [naming.delay_of(delay, options.topic_prefix) for delay in DELAYS]
