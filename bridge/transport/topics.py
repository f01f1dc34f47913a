"""Makes sure that topics exist before they are used, as the option `topic_creation` says."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from typing import Final

from confluent_kafka.cimpl import NewTopic

from bridge.transport import logs, naming
from bridge.transport.address import Address
from bridge.transport.cluster import Cluster
from bridge.transport.errors import BrokerError
from bridge.transport.options import Creation, Options
from bridge.transport.schedule import DELAYS

_log = logging.getLogger(__name__)

#: As Kafka's own default.
_WEEK_MS: Final = 7 * 24 * 3600 * 1000
#: Between two looks for a topic that was just made.
_LOOK_SECONDS: Final = 0.02


class MissingTopicError(Exception):
    """A topic does not exist, and creating it is not allowed or not possible."""


class Topics:
    """The topics of one cluster that are known to exist. Thread-safe."""

    def __init__(
        self,
        options: Options,
        address: Address,
        *,
        connect: Callable[[Options, Address], Cluster] = Cluster,
    ) -> None:
        self._options = options
        self._address = address
        self._connect = connect
        self._known: set[str] = set()

    def ensure(self, names: Collection[str], *, to_read: bool = False) -> None:
        """Create or verify topics; those seen before cost nothing.

        Brokers that make what they are asked for make them when something is written there;
        `to_read` has it made at once: a consumer that subscribed before would look again only
        at its next metadata refresh.

        With one delay's topic come all of them: whoever moves messages on looks for one only.
        Blocks for one round trip, at most for the publish limit. Raises MissingTopicError.
        """
        wanted = sorted(set(names) - self._known)
        if not wanted:
            return
        if any(self._delay(name) for name in wanted):
            wanted = sorted({*wanted, *delays(self._options)})
            self._look_after(wanted)
        elif to_read or self._options.topic_creation is not Creation.AUTO:
            self._look_after(wanted)
        self._known.update(wanted)

    def forget(self, name: str) -> None:
        """Look for a topic again before it is used: it has been deleted."""
        self._known.discard(name)

    def _delay(self, name: str) -> int | None:
        return naming.seconds_of(name, self._options.topic_prefix)

    def _look_after(self, wanted: list[str]) -> None:
        step = {
            Creation.CREATE: self._create,
            Creation.VERIFY: self._verify,
            Creation.AUTO: self._ask_for,
        }[self._options.topic_creation]
        try:
            with self._connect(self._options, self._address) as cluster:
                step(cluster, wanted)
        except BrokerError as error:
            raise MissingTopicError(f"{', '.join(wanted)}: {error}") from error

    def _create(self, cluster: Cluster, wanted: list[str]) -> None:
        new = cluster.create([self._new(name) for name in wanted])
        there = self._await(cluster, wanted)
        self._begin(cluster, {name: there[name] for name in new})
        self._compare(there, set(wanted) - new)

    def _await(self, cluster: Cluster, wanted: list[str]) -> Mapping[str, int]:
        """Wait until brokers know what their controller has made."""
        deadline = time.monotonic() + self._options.publish_timeout
        while not (there := cluster.partitions()).keys() >= set(wanted):
            if time.monotonic() > deadline:
                raise MissingTopicError(
                    f"Kafka at {self._address.brokers} has made {', '.join(wanted)} "
                    "but does not show it yet, or not to this user, who then must be allowed to "
                    "describe it"
                )
            # The controller has answered; nothing tells when the brokers have heard of it.
            time.sleep(_LOOK_SECONDS)
        return there

    def _verify(self, cluster: Cluster, wanted: list[str]) -> None:
        there = cluster.partitions()
        missing = [name for name in wanted if name not in there]
        if missing:
            raise MissingTopicError(
                f"Kafka at {self._address.brokers} has no topic {', '.join(missing)}, or does not "
                "show it to this user; create it, or set the transport option topic_creation to "
                "'create'"
            )
        self._compare(there, wanted)

    def _ask_for(self, cluster: Cluster, wanted: list[str]) -> None:
        """Have brokers make topics: they make what they are asked for by name."""
        for name in wanted:
            cluster.ask_for(name)
        self._await(cluster, wanted)

    def _begin(self, cluster: Cluster, new: Mapping[str, int]) -> None:
        """Commit the beginning of new topics for the group.

        KEDA reads the group's lag before there is a worker, and takes a partition without a commit
        for an idle one or for a full one. Workers that are there already do this themselves.
        """
        places = {
            (name, number): 0
            for name, count in new.items()
            if naming.is_work(name, self._options.topic_prefix)
            for number in range(count)
        }
        try:
            if places:
                cluster.commit(self._options.group_id, places)
        except BrokerError as error:
            _log.info("A first worker will commit the beginning of new topics: %s", error)

    def _compare(self, there: Mapping[str, int], names: Collection[str]) -> None:
        """Say where topics have fewer partitions than wanted."""
        for name in sorted(names):
            if there[name] < self._partitions(name):
                _log.warning(
                    "The topic %s at %s has %d partitions, not the wanted %d: more workers stay "
                    "idle. Add partitions (kafka-topics.sh --alter --partitions), or correct the "
                    "transport option partitions",
                    *(name, self._address.brokers, there[name], self._partitions(name)),
                )

    def _partitions(self, name: str) -> int:
        is_single = name.endswith(naming.DEAD_LETTER_SUFFIX) or self._is_log(name)
        return 1 if is_single else self._options.partitions

    def _is_log(self, name: str) -> bool:
        return naming.is_log(name, self._options.topic_prefix)

    def _new(self, name: str) -> NewTopic:
        is_log = self._is_log(name)
        return NewTopic(
            name,
            num_partitions=1 if is_log else self._options.partitions,
            replication_factor=self._options.replication_factor,
            config={
                "max.message.bytes": str(self._options.topic_message_bytes),
                **self._options.topic_config,
                **self._of_delay(name),
                **(logs.topic_config(self._options.log_retention) if is_log else {}),
            },
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
