"""Reads all queues of a connection with one consumer, in a thread of its own.

The thread never stops polling, however long tasks take: too many fetched messages pause the
partitions instead. It alone touches the consumer; it puts messages on a shelf, where the rest of
the connection finds them, and acknowledgements go to the ledger.

The consumer sits behind what this class offers (`follow`, `finish`, `close`); a share group
(KIP-932) could take its place when its client stops blocking while a message is unacknowledged.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from bridge.transport import clients, naming, trouble
from bridge.transport.address import Address
from bridge.transport.backlog import Shelf
from bridge.transport.breather import Breather
from bridge.transport.ledger import Commit, Delivery, Ledger, Place
from bridge.transport.options import Config, Options
from bridge.transport.topics import MissingTopicError, Topics

_log = logging.getLogger(__name__)

#: Longest wait of one poll; acknowledgements and changes are seen to in between.
_POLL_SECONDS: Final = 0.05
_BATCH: Final = 500
#: Queues are consumed one by one but subscribed at once: each subscription is a rebalance.
_SETTLE_SECONDS: Final = 0.02
_RETRY_SECONDS: Final = 1.0
_CLOSE_SECONDS: Final = 30.0
#: How long to ask for what was committed of new partitions.
_COMMITTED_SECONDS: Final = 10.0
#: How long a leaving worker tries to commit.
_LEAVE_SECONDS: Final = 5.0

#: Keeps a parent's consumer referenced in forked children: collecting it there would hang.
_living: set[Fetcher] = set()


class Fetcher:
    """A group member that fetches onto a shelf. Thread-safe."""

    def __init__(
        self,
        options: Options,
        address: Address,
        shelf: Shelf,
        *,
        on_ready: Callable[[], None],
        dead_letter_of: Callable[[str], str] = naming.dead_letter_of,
        breather: Breather | None = None,
        connect: Callable[[Config], Consumer] = Consumer,
    ) -> None:
        self._options = options
        self._address = address
        self._shelf = shelf
        self._on_ready = on_ready
        self._breather = breather
        self._topics = Topics(options, address)
        self._dead_letter_of = dead_letter_of
        self._ledger = Ledger()
        self._followed: frozenset[str] = frozenset()
        self._subscribed: frozenset[str] = frozenset()
        self._paused: set[Place] = set()
        self._subscribe_at = 0.0
        self._commit_at = 0.0
        #: One at a time: while brokers are away they would only pile up.
        self._is_committing = False
        self._stopping = threading.Event()
        #: Why the thread has ended by itself.
        self.failure: Exception | None = None
        self._trouble = trouble.Trouble(self._tell)
        config = {
            **options.consumer(address),
            "on_commit": self._on_commit,
            "error_cb": self._trouble.hear,
        }
        self._consumer = clients.made(connect, config)
        self._process = os.getpid()
        _living.add(self)
        self._thread = threading.Thread(target=self._run, name="kafka-fetcher", daemon=True)
        self._thread.start()

    def follow(self, topics: Collection[str]) -> None:
        """Fetch messages of these topics from now on, and of no other.

        A topic no longer followed is paused and not given away: what runs may still be
        acknowledged.
        """
        self._subscribe_at = time.monotonic() + _SETTLE_SECONDS
        self._followed = frozenset(topics)

    def finish(self, delivery: Delivery) -> None:
        """Note that a message is done; its offset is committed when all before it are."""
        self._ledger.finish(delivery)

    def close(self) -> None:
        """Commit what is finished and leave the group; nothing in a forked child."""
        if self._process == os.getpid():
            self._stopping.set()
            self._thread.join(_CLOSE_SECONDS)
            _living.discard(self)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
            self._leave()
        except Exception as error:  # noqa: BLE001 - a consumer loop: its owner must hear of any end
            self.failure = error
            self._on_ready()

    def _leave(self) -> None:
        """Commit, again while a rebalance refuses it, and leave the group."""
        deadline = time.monotonic() + _LEAVE_SECONDS
        while not self._commit_now(None) and time.monotonic() < deadline:
            # What this brings is in no tracker, so no commit covers it.
            self._consumer.poll(_POLL_SECONDS)
        self._consumer.close()

    def _turn(self) -> None:
        if self._followed - self._subscribed and time.monotonic() >= self._subscribe_at:
            self._subscribe(self._subscribed | self._followed)
        if not self._rests():
            self._steer()
            self._fetch()
        if time.monotonic() >= self._commit_at:
            self._commit_soon()

    def _rests(self) -> bool:
        """Wait a moment where all that is read is full, which may be over soon."""
        if self._breather is None:
            return False
        assigned = self._assigned()
        read = {place for place in assigned if place[0] in self._followed}
        return self._breather.rests(is_full=bool(read) and read <= self._shelf.paused(assigned))

    def _fetch(self) -> None:
        first = self._consumer.poll(_POLL_SECONDS)
        if first is not None:
            # What poll has woken up for rarely comes alone.
            kept = [self._keep(record) for record in (first, *self._consumer.consume(_BATCH, 0))]
            if any(kept):
                self._on_ready()

    def _subscribe(self, topics: frozenset[str]) -> None:
        try:
            self._topics.ensure(topics | set(map(self._dead_letter_of, topics)))
        except MissingTopicError as error:
            _log.error("%s; trying again", error)
            self._subscribe_at = time.monotonic() + _RETRY_SECONDS
            return
        self._consumer.subscribe(
            sorted(topics),
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
            on_lost=self._on_lost,
        )
        self._subscribed = topics

    def _steer(self) -> None:
        """Pause what nobody may take or has room for, resume the rest."""
        assigned = self._assigned()
        held = self._shelf.paused(assigned) | self._ledger.crowded()
        idle = {place for place in assigned if place in held or place[0] not in self._followed}
        if idle != self._paused:
            self._consumer.pause([TopicPartition(*place) for place in idle])
            self._consumer.resume([TopicPartition(*place) for place in assigned - idle])
            self._paused = idle

    def _assigned(self) -> set[Place]:
        return {(part.topic, part.partition) for part in self._consumer.assignment()}

    def _keep(self, record: Message) -> bool:
        error = record.error()
        if error is not None:
            self._on_error(error)
            return False
        place = (str(record.topic()), int(record.partition() or 0))
        delivery = self._ledger.deliver(place, int(record.offset() or 0))
        if delivery is None:
            return False
        self._shelf.put(delivery, record)
        return True

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            raise KafkaException(error)
        # A topic that is being made, brokers that are away: librdkafka goes on by itself.
        self._trouble.hear(error)

    def _tell(self, text: str) -> None:
        _log.warning("Kafka at %s: %s", self._address.brokers, text)

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._ledger.assign(_places(partitions), self._committed(partitions))

    def _committed(self, partitions: list[TopicPartition]) -> dict[Place, Commit]:
        """What was committed of partitions, those without a commit left out."""
        try:
            found = self._consumer.committed(partitions, timeout=_COMMITTED_SECONDS)
        except KafkaException as error:
            _log.warning(
                "Kafka at %s does not say what is finished beyond the committed offsets, so it "
                "runs again: %s", self._address.brokers, error,
            )  # fmt: skip
            return {}
        return _commits([part for part in found if part.offset >= 0])

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        places = _places(partitions)
        dropped = self._shelf.drop(places)
        if not self._stopping.is_set():
            grace = self._options.revoke_grace
            if not self._ledger.wait_finished(places, but=dropped, seconds=grace):
                _log.warning("Tasks go on whose messages other workers take over: %s", places)
        self._commit_now(places)
        self._forget(places)

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        places = _places(partitions)
        self._shelf.drop(places)
        self._forget(places)

    def _forget(self, places: list[Place]) -> None:
        self._ledger.revoke(places)
        self._paused.difference_update(places)

    def _commit_soon(self) -> None:
        self._commit_at = time.monotonic() + self._options.commit_interval
        due = self._ledger.due()
        if due and not self._is_committing:
            self._is_committing = True
            self._consumer.commit(offsets=_offsets(due), asynchronous=True)

    def _commit_now(self, places: list[Place] | None) -> bool:
        due = self._ledger.due(places)
        if not due:
            return True
        try:
            answered = self._consumer.commit(offsets=_offsets(due), asynchronous=False)
        except KafkaException as error:
            self._refused(error.args[0], logging.WARNING)
            return False
        return self._answered(answered)

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Note what was taken; what was refused stays due and goes with the next commit."""
        self._is_committing = False
        if error is None:
            self._answered(partitions)
        else:
            self._refused(error)

    def _answered(self, partitions: list[TopicPartition]) -> bool:
        """Note which commits were taken; whether all were."""
        errors = [part.error for part in partitions if part.error is not None]
        self._ledger.committed(_commits([part for part in partitions if part.error is None]))
        for error in errors:
            self._refused(error)
        return not errors

    def _refused(self, error: KafkaError, level: int = logging.INFO) -> None:
        # Every rebalance refuses some.
        _log.log(level, "Kafka at %s refused a commit: %s", self._address.brokers, error.str())
        if error.code() == KafkaError.OFFSET_METADATA_TOO_LARGE:
            _log.warning(
                "Kafka at %s takes little metadata with a commit: after a crash finished tasks "
                "may run again; raise offset.metadata.max.bytes", self._address.brokers,
            )  # fmt: skip
            self._ledger.commit_offsets_only()


def _places(partitions: list[TopicPartition]) -> list[Place]:
    return [(part.topic, part.partition) for part in partitions]


def _offsets(commits: dict[Place, Commit]) -> list[TopicPartition]:
    return [TopicPartition(*place, it.offset, it.metadata) for place, it in commits.items()]


def _commits(partitions: list[TopicPartition]) -> dict[Place, Commit]:
    return {
        (part.topic, part.partition): Commit(part.offset, part.metadata or "")
        for part in partitions
    }
