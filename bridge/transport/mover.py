"""Moves delayed messages on when they have waited long enough: to their queues, or another delay.

Every worker has one; those of a group share the partitions, and any moves anybody's messages. The
copy is confirmed before the original's offset is committed: a crash in between moves a message
twice. As long as no publisher has used a delay there are no topics, and the mover looks for one of
them every `LOOK_SECONDS`; from then on it sleeps until the next message leaves.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from confluent_kafka import Consumer, KafkaException

from bridge.transport import naming, route, topics, wire
from bridge.transport.address import Address
from bridge.transport.backlog import Fetched
from bridge.transport.copies import Copies
from bridge.transport.errors import PublishError
from bridge.transport.fetcher import Fetcher
from bridge.transport.options import Config, Options
from bridge.transport.publisher import Done, Publisher
from bridge.transport.schedule import DELAYS, Schedule

_log = logging.getLogger(__name__)

#: How often to look whether delays are in use by now.
LOOK_SECONDS: Final = 2.0
#: Longest sleep; the clock may be set.
_SLEEP_SECONDS: Final = 60.0
_CLOSE_SECONDS: Final = 5.0
#: For the copies, and for the consumer to leave.
_JOIN_SECONDS: Final = 20.0
#: Messages fetched ahead, of each partition.
_AHEAD: Final = 250
#: Copies that are not confirmed yet.
_ON_THEIR_WAY: Final = 1000
#: Nothing waits for less than a second, so brokers that do not wake a fetch are not asked often.
_FETCH_WAIT_MS: Final = 500

#: Keeps a parent's clients referenced in forked children: collecting them there would hang.
_living: set[Mover] = set()


class Mover:
    """Moves delayed messages on in a thread of its own until it is closed."""

    def __init__(
        self,
        options: Options,
        address: Address,
        publisher: Callable[[], Publisher],
        *,
        clock: Callable[[], float] = time.time,
        connect: Callable[[Config], Consumer] = Consumer,
    ) -> None:
        self._options = replace(
            options,
            group_id=options.delay_group or naming.escaped(options.topic_prefix) + "delay",
            kafka_consumer={"fetch.wait.max.ms": _FETCH_WAIT_MS, **options.kafka_consumer},
        )
        self._dead_letter = naming.delay_dead_letter(options.topic_prefix)
        self._address = address
        self._publisher = publisher
        self._clock = clock
        self._copies = Copies(self._send)
        self._woken = threading.Event()
        self._is_stopping = threading.Event()
        config = {**self._options.consumer(address), "allow.auto.create.topics": False}
        self._looker = connect(config)
        self._process = os.getpid()
        _living.add(self)
        self._thread = threading.Thread(target=self._run, name="kafka-mover", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin to end, without waiting for it."""
        self._is_stopping.set()
        self._woken.set()

    def close(self) -> None:
        """Finish what is on its way and leave the group; nothing in a forked child."""
        if self._process == os.getpid():
            self.stop()
            self._thread.join(_JOIN_SECONDS)
            _living.discard(self)

    def _run(self) -> None:
        while not self._is_stopping.is_set() and not self._has_delays():
            self._is_stopping.wait(LOOK_SECONDS)
        self._looker.close()
        while not self._is_stopping.is_set():
            self._serve()
            self._is_stopping.wait(LOOK_SECONDS)

    def _serve(self) -> None:
        """Move messages until closed, or until the consumer has ended by itself."""
        schedule = Schedule(_AHEAD, self._options.topic_prefix, self._clock)
        fetcher = self._fetcher(schedule)
        while not self._is_stopping.is_set() and fetcher.failure is None:
            self._woken.clear()
            self._move_due(schedule, fetcher)
            seconds = min(max(schedule.next_time() - self._clock(), 0), _SLEEP_SECONDS)
            self._woken.wait(seconds)
        if fetcher.failure is not None:
            _log.error("Delayed messages wait, their consumer is made anew: %s", fetcher.failure)
        else:
            self._copies.close(_CLOSE_SECONDS)
        fetcher.close()

    def _has_delays(self) -> bool:
        """Whether the topics of delays are there."""
        name = naming.delay_of(DELAYS[0], self._options.topic_prefix)
        try:
            found = self._looker.list_topics(name, timeout=LOOK_SECONDS).topics[name]
        except KafkaException as error:
            _log.debug("Kafka at %s: %s", self._address.brokers, error)
            return False
        return found.error is None and bool(found.partitions)

    def _fetcher(self, schedule: Schedule) -> Fetcher:
        fetcher = Fetcher(
            self._options,
            self._address,
            schedule,
            on_ready=self._woken.set,
            dead_letter_of=lambda _topic: self._dead_letter,
        )
        fetcher.follow(topics.delays(self._options))
        return fetcher

    def _move_due(self, schedule: Schedule, fetcher: Fetcher) -> None:
        while self._may_move() and (taken := schedule.take()) is not None:
            self._move(fetcher, taken)

    def _may_move(self) -> bool:
        """Whether there is room for a copy; waits for some."""
        has_room = self._copies.has_room(_ON_THEIR_WAY, LOOK_SECONDS)
        return has_room and not self._is_stopping.is_set()

    def _move(self, fetcher: Fetcher, taken: Fetched) -> None:
        delivery, record = taken
        try:
            waiting = wire.waiting(record)
        except wire.WireError as error:
            topic, message = self._dead_letter, wire.dead_letter(record, str(error))
        else:
            leg = route.onward(waiting, wire.arrived(record), self._options, self._clock())
            topic, message = leg.topic, leg.message
        self._copies.put(topic, message, lambda: fetcher.finish(delivery))

    def _send(self, topic: str, message: wire.Outgoing, done: Done) -> None:
        try:
            self._publisher().ensure(topic)
        except PublishError as error:
            done(str(error))
        else:
            self._publisher().send(topic, message, done, is_copy=True)
