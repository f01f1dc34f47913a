"""Reads a topic as every process must hear it: all partitions, no group, from near the end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from confluent_kafka import Consumer, KafkaException, TopicPartition

from app.errors import InvalidInputError
from app.messages.events import DomainEvent
from bridge.kafka import clients, records
from bridge.kafka.records import Record

#: How many events of each partition are heard again at the start: what was said while a process
#: was not there yet still concerns it.
LOOK_BACK: Final = 500
#: librdkafka names "n records before the end" by this minus n (RD_KAFKA_OFFSET_TAIL in rdkafka.h).
_TAIL_BASE: Final = -2000
_POLL_SECONDS: Final = 0.2
_ASK_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class Tail:
    """Hands each event of a topic to `tell`, in a thread of its own, until it is closed.

    Events come at least once and in the order of their partition. What cannot be read is passed
    over: the groups that handle the topic put it aside. Partitions added later are not heard.
    `on_poll` is called in that thread every few seconds at least.
    """

    def __init__(
        self,
        brokers: str,
        topic: str,
        tell: Callable[[DomainEvent], None],
        *,
        options: clients.Options | None = None,
        on_poll: Callable[[], None] = lambda: None,
    ) -> None:
        self._topic = topic
        self._tell = tell
        self._on_poll = on_poll
        self._stopping = threading.Event()
        # The name of a group is demanded, but nobody joins it: partitions are taken by hand.
        self._consumer = clients.made(Consumer, clients.consumer(brokers, f"{topic}-tail", options))
        self._thread = threading.Thread(target=self._run, name="kafka-tail", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear nothing any more; waits for the thread."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        places = self._places()
        while not places and not self._stopping.wait(_RETRY_SECONDS):
            self._on_poll()
            places = self._places()
        self._consumer.assign(places)
        while not self._stopping.is_set():
            self._on_poll()
            record = self._consumer.poll(_POLL_SECONDS)
            if record is not None and record.error() is None:
                self._pass_on(record)
        self._consumer.close()

    def _places(self) -> list[TopicPartition]:
        """Where to begin in each partition; empty while the topic or the broker is away."""
        try:
            found = self._consumer.list_topics(self._topic, timeout=_ASK_SECONDS)
        except KafkaException as error:
            _log.warning("kafka.tail_waited topic=%s error=%s", self._topic, error)
            return []
        begin = _TAIL_BASE - LOOK_BACK
        numbers = found.topics[self._topic].partitions
        return [TopicPartition(self._topic, number, begin) for number in numbers]

    def _pass_on(self, record: Record) -> None:
        try:
            received = records.read(record)
        except InvalidInputError as error:
            _log.warning("kafka.tail_passed_over topic=%s reason=%s", self._topic, error)
        else:
            self._tell(received.event)
