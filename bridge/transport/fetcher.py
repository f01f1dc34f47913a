"""Reads all queues of a connection with one consumer, in a thread of its own.

The thread never stops polling, however long tasks take: too many fetched messages pause the
partitions instead, and what may block (making topics, asking what was committed) goes to threads of
their own. It puts messages on a shelf, where the rest of the connection finds them, and
acknowledgements go to the ledger.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from bridge.transport import clients, naming, trouble
from bridge.transport.address import Address
from bridge.transport.arrivals import Arrivals
from bridge.transport.backlog import Shelf
from bridge.transport.breather import Breather
from bridge.transport.cluster import Cluster
from bridge.transport.commits import Commits
from bridge.transport.errand import Errand
from bridge.transport.ledger import Commit, Delivery, Ledger, Place
from bridge.transport.options import Config, Options
from bridge.transport.topics import MissingTopicError, Topics
from bridge.transport.watch import Guard, Trust

_log = logging.getLogger(__name__)

#: Longest wait of one poll; acknowledgements and changes are seen to in between.
_POLL_SECONDS: Final = 0.05
#: While messages wait for a commit.
_URGENT_SECONDS: Final = 0.005
_BATCH: Final = 500
#: Queues are consumed one by one but subscribed at once: each subscription is a rebalance.
_SETTLE_SECONDS: Final = 0.02
_RETRY_SECONDS: Final = 1.0
#: How long a leaving worker tries to commit.
_LEAVE_SECONDS: Final = 5.0
#: That, and time to leave the group. While brokers are away librdkafka waits for longer than any
#: service manager does; the thread is left behind then, and the session timeout does the rest.
_CLOSE_SECONDS: Final = _LEAVE_SECONDS + 5.0

#: Keeps a parent's consumer referenced in forked children: collecting it there would hang.
_living: set[Fetcher] = set()


class Fetcher:
    """A group member that fetches onto a shelf: the `Intake` for consumer groups. Thread-safe."""

    def __init__(
        self,
        options: Options,
        address: Address,
        shelf: Shelf,
        *,
        on_ready: Callable[[], None],
        watch: Callable[[Ledger], Guard] = lambda _ledger: Trust(),
        dead_letter_of: Callable[[str], str] = naming.dead_letter_of,
        breather: Breather | None = None,
        connect: Callable[[Config], Consumer] = Consumer,
        administer: Callable[[Options, Address], Cluster] = Cluster,
    ) -> None:
        self._options = options
        self._address = address
        self._shelf = shelf
        self._on_ready = on_ready
        self._breather = breather
        self._topics = Topics(options, address, connect=administer)
        self._dead_letter_of = dead_letter_of
        self._ledger = Ledger()
        self._guard = watch(self._ledger)
        self._commits = Commits(self._ledger, address.brokers, options.commit_interval)
        self._arrivals = Arrivals(self._ask, retry_seconds=_RETRY_SECONDS)
        self._administer = administer
        #: The first offset that is still there; asked with the commits, never older than they.
        self._beginnings: dict[Place, int] = {}
        self._followed: frozenset[str] = frozenset()
        self._subscribed: frozenset[str] = frozenset()
        #: Topics that are being made, to be subscribed then.
        self._making: tuple[frozenset[str], Errand[None]] | None = None
        self._paused: set[Place] = set()
        #: Newly assigned: whether these are paused since an earlier assignment is not known.
        self._fresh: set[Place] = set()
        self._subscribe_at = 0.0
        self._stopping = threading.Event()
        #: Whether commits have any prospect; no more when a leaving worker has tried in vain.
        self._may_commit = True
        #: Why the thread has ended by itself.
        self.failure: Exception | None = None
        self._trouble = trouble.Trouble(self._tell)
        config = {
            **options.consumer(address),
            "on_commit": self._commits.answered,
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
            self._work()
        except Exception as error:  # noqa: BLE001 - a consumer loop: its owner must hear of any end
            self.failure = error
            self._on_ready()

    def _work(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
            self._leave()
        finally:
            # Also after an error: a member that only falls silent holds its partitions for the
            # session timeout.
            self._stopping.set()
            self._consumer.close()

    def _leave(self) -> None:
        """Commit, again while a rebalance refuses it or brokers are away, but not for ever."""
        deadline = time.monotonic() + _LEAVE_SECONDS
        self._ledger.leave()
        while self._may_commit and self._commits.begin(self._consumer):
            # What this brings is in no tracker, so no commit covers it.
            self._consumer.poll(_POLL_SECONDS)
            self._may_commit = time.monotonic() < deadline

    def _turn(self) -> None:
        self._see_to_topics()
        for place, commit, early in self._arrivals.known():
            begin = self._beginnings.pop(place, None)
            known = {} if commit is None else {place: commit}
            self._ledger.assign([place], known, begin, with_marks=self._guard.needs_marks)
            self._guard.begin(place)
            self._keep_all(early)
        if self._guard.turn(self._followed):
            self._on_ready()
        if not self._rests():
            self._steer()
            self._fetch()
        self._commits.soon(self._consumer, is_urgent=self._guard.is_urgent())

    def _rests(self) -> bool:
        """Wait a moment where all that is read is full, which may be over soon."""
        if self._breather is None:
            return False
        assigned = self._assigned()
        read = {place for place in assigned if place[0] in self._followed}
        return self._breather.rests(is_full=bool(read) and read <= self._shelf.paused(assigned))

    def _fetch(self) -> None:
        # A poll hears the answer to a commit, but does not end with it.
        is_urgent = self._guard.is_urgent()
        first = self._consumer.poll(_URGENT_SECONDS if is_urgent else _POLL_SECONDS)
        if first is not None:
            # What poll has woken up for rarely comes alone.
            self._keep_all([first, *self._consumer.consume(_BATCH, 0)])

    def _see_to_topics(self) -> None:
        """Subscribe to what is followed once its topics are there."""
        if self._making is not None:
            topics, errand = self._making
            if errand.is_over():
                self._making = None
                self._subscribe(topics, errand)
        elif self._followed - self._subscribed and time.monotonic() >= self._subscribe_at:
            topics = self._subscribed | self._followed
            wanted = topics | set(map(self._dead_letter_of, topics))
            self._making = topics, Errand(lambda: self._topics.ensure(wanted, to_read=True))

    def _subscribe(self, topics: frozenset[str], made: Errand[None]) -> None:
        try:
            made.result()
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
        held = self._shelf.paused(assigned) | self._ledger.crowded() | self._arrivals.holding()
        held |= self._guard.full()
        idle = {place for place in assigned if place in held or place[0] not in self._followed}
        # Only what changes: either throws away what librdkafka has fetched of a partition.
        if changed := (idle ^ self._paused) | self._fresh:
            self._consumer.pause([TopicPartition(*place) for place in changed & idle])
            self._consumer.resume([TopicPartition(*place) for place in changed - idle])
            self._paused = idle
            self._fresh = set()

    def _keep_all(self, records: list[Message]) -> None:
        kept = [self._keep(record) for record in records]
        if any(kept):
            self._on_ready()

    def _assigned(self) -> set[Place]:
        return {(part.topic, part.partition) for part in self._consumer.assignment()}

    def _keep(self, record: Message) -> bool:
        error = record.error()
        if error is not None:
            self._on_error(error)
            return False
        place, offset = (str(record.topic()), int(record.partition() or 0)), record.offset() or 0
        if self._arrivals.hold(place, record):
            return False
        if self._ledger.falls(place, offset):
            self._begin_anew(place, offset)
        delivery = self._ledger.deliver(place, offset)
        if delivery is None or self._guard.put(delivery, record):
            return False
        self._shelf.put(delivery, record)
        return True

    def _begin_anew(self, place: Place, offset: int) -> None:
        """Go on from an offset that was fetched before: what is there now is something else."""
        _log.warning(
            "%s %d of Kafka at %s goes on at the earlier offset %d, so it was cut or made anew; "
            "what is there runs, also where it has run before", *place, self._address.brokers,
            offset,
        )  # fmt: skip
        self._drop([place])
        self._ledger.begin_anew(place)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            raise KafkaException(error)
        # A topic that is being made, brokers that are away: librdkafka goes on by itself.
        self._trouble.hear(error)

    def _tell(self, text: str) -> None:
        _log.warning("Kafka at %s: %s", self._address.brokers, text)

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        places = _places(partitions)
        self._arrivals.add(places)
        self._fresh.update(places)

    def _ask(self, places: Collection[Place]) -> Mapping[Place, Commit]:
        """What was committed of partitions; called in another thread.

        With a client of its own: this one's calls wait for each other, also for a poll.
        """
        with self._administer(self._options, self._address) as cluster:
            commits = cluster.commits(self._options.group_id, places)
            self._beginnings.update(cluster.beginnings(places))
            return commits

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        places = _places(partitions)
        dropped = self._drop(places)
        if not self._stopping.is_set():
            grace = self._options.revoke_grace
            if not self._ledger.wait_finished(places, but=dropped, seconds=grace):
                _log.warning("Tasks go on whose messages other workers take over: %s", places)
        if self._may_commit:
            self._ledger.leave(places)
            self._commits.now(self._consumer, places)
        self._forget(places)

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        places = _places(partitions)
        self._drop(places)
        self._forget(places)

    def _drop(self, places: list[Place]) -> int:
        """Take what is fetched of partitions away; returns how many messages."""
        return self._shelf.drop(places) + self._guard.drop(places)

    def _forget(self, places: list[Place]) -> None:
        self._arrivals.remove(places)
        self._ledger.revoke(places)
        self._paused.difference_update(places)
        self._fresh.difference_update(places)


def _places(partitions: list[TopicPartition]) -> list[Place]:
    return [(part.topic, part.partition) for part in partitions]
