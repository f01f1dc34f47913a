"""Tells the broker what is finished, again and again until it has taken it.

Every rebalance refuses some commits. What was refused stays due in the ledger and goes with the
next commit, as what the ledger then says.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from bridge.transport.ledger import Commit, Ledger, Place

_log = logging.getLogger(__name__)

#: An answer that has not come by then will not come: librdkafka gives up a request after 60 s.
_ANSWER_SECONDS: Final = 90.0


class Commits:
    """The commits of one consumer; all but `answered` belongs to the thread that polls it."""

    def __init__(self, ledger: Ledger, brokers: str, interval_seconds: float) -> None:
        self._ledger = ledger
        self._brokers = brokers
        self._interval_seconds = interval_seconds
        self._next_at = 0.0
        #: Until when to wait for the answer to the last one. One at a time: while brokers are
        #: away they would only pile up, and a late one could overtake its successor.
        self._waiting_until = 0.0

    def soon(self, consumer: Consumer, *, is_urgent: bool = False) -> None:
        """Commit what is due; waits for nothing.

        Not more often than the interval says, unless a message waits for it.
        """
        if is_urgent or time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + self._interval_seconds
            self.begin(consumer)

    def begin(self, consumer: Consumer) -> bool:
        """Commit what is due, unless an answer is awaited; false where nothing is due."""
        due = self._ledger.due()
        if due and time.monotonic() >= self._waiting_until:
            self._waiting_until = time.monotonic() + _ANSWER_SECONDS
            try:
                consumer.commit(offsets=_offsets(due), asynchronous=True)
            except KafkaException as error:
                self.answered(error.args[0], [])
        return bool(due)

    def now(self, consumer: Consumer, places: list[Place]) -> None:
        """Commit what is due of these partitions and wait for the answer."""
        due = self._ledger.due(places)
        if not due:
            return
        try:
            self._note(consumer.commit(offsets=_offsets(due), asynchronous=False))
        except KafkaException as error:
            self._refused(error.args[0], logging.WARNING)

    def answered(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Hear the answer to an asynchronous commit."""
        self._waiting_until = 0.0
        if error is None:
            self._note(partitions)
        else:
            self._refused(error)

    def _note(self, partitions: list[TopicPartition]) -> None:
        self._ledger.committed(commits_of([part for part in partitions if part.error is None]))
        for part in partitions:
            if part.error is not None:
                self._refused(part.error)

    def _refused(self, error: KafkaError, level: int = logging.INFO) -> None:
        _log.log(level, "Kafka at %s refused a commit: %s", self._brokers, error.str())
        if error.code() == KafkaError.OFFSET_METADATA_TOO_LARGE:
            _log.warning(
                "Kafka at %s takes little metadata with a commit: after a crash finished tasks "
                "may run again; raise offset.metadata.max.bytes", self._brokers,
            )  # fmt: skip
            self._ledger.commit_offsets_only()


def commits_of(partitions: list[TopicPartition]) -> dict[Place, Commit]:
    """What librdkafka says of partitions, as commits."""
    return {
        (part.topic, part.partition): Commit(part.offset, part.metadata or "")
        for part in partitions
    }


def _offsets(commits: Mapping[Place, Commit]) -> list[TopicPartition]:
    return [TopicPartition(*place, it.offset, it.metadata) for place, it in commits.items()]
