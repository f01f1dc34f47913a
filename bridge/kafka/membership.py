"""Membership of a consumer group that outlives slow and failing handlers.

A member that cannot go on keeps polling with its partitions paused, so the group never expels it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from confluent_kafka import Consumer, KafkaException, TopicPartition

from bridge.kafka.records import Place, Record, offset_of, place_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many records at once, and how long one poll may wait."""

    batch_size: int = 500
    poll_seconds: float = 0.1


class Member:
    """One consumer of a group; used by one thread."""

    def __init__(
        self,
        consumer: Consumer,
        topics: Iterable[str],
        *,
        on_poll: Callable[[], None],
        pace: Pace,
    ) -> None:
        self._consumer = consumer
        self._on_poll = on_poll
        self._pace = pace
        self._paused = False
        self._carried: list[Record] = []
        self._revoked: set[Place] = set()
        self._finished: dict[Place, int] = {}
        consumer.subscribe(list(topics), on_revoke=self._on_revoke, on_lost=self._on_lost)

    def take(self) -> list[Record]:
        """The next records, or none if there are none soon."""
        self.commit()
        if self._paused:
            self._consumer.resume(self._consumer.assignment())
            self._paused = False
        self._revoked.clear()
        self._poll(self._pace.poll_seconds)
        room = self._pace.batch_size - len(self._carried)
        for record in self._consumer.consume(max(room, 1), 0):
            self._carry(record)
        taken, self._carried = self._carried, []
        return taken

    def hold(self, seconds: float) -> None:
        """Wait, with every partition paused and the membership kept."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            # Again each time: a rebalance brings partitions that are not paused.
            self._consumer.pause(self._consumer.assignment())
            self._paused = True
            self._poll(min(left, self._pace.poll_seconds))

    def has_lost(self, record: Record) -> bool:
        """Whether the record belongs to another member since the last `take`."""
        return place_of(record) in self._revoked

    def finish(self, records: Sequence[Record]) -> None:
        """Remember that these are done, in their partitions' order, and commit."""
        for record in records:
            if not self.has_lost(record):
                self._finished[place_of(record)] = offset_of(record) + 1
        self.commit()

    def commit(self) -> None:
        """Commit what is finished; what the broker refuses is committed next time."""
        if not self._finished:
            return
        offsets = [TopicPartition(*place, offset) for place, offset in self._finished.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            _log.warning("consumer.commit_refused error=%s", error)
        else:
            self._finished.clear()

    def close(self) -> None:
        """Commit and leave the group."""
        self.commit()
        self._consumer.close()

    def _poll(self, seconds: float) -> None:
        self._on_poll()
        record = self._consumer.poll(seconds)
        if record is not None:
            self._carry(record)

    def _carry(self, record: Record) -> None:
        error = record.error()
        if error is None:
            self._carried.append(record)
        elif error.fatal():
            raise KafkaException(error)
        else:
            # A topic that does not exist yet, a broker that is away: it mends itself.
            _log.warning("consumer.poll_failed error=%s", error)

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self.commit()
        self._on_lost(_consumer, partitions)

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        gone = {(part.topic, part.partition) for part in partitions}
        self._revoked |= gone
        self._carried = [record for record in self._carried if place_of(record) not in gone]
        self._finished = {
            place: offset for place, offset in self._finished.items() if place not in gone
        }
