"""Reads the logs of a connection with one consumer, without a group, in a thread of its own.

Each connection hears every message from the moment on when its queue was bound. The consumer is
made with the first binding and reads while a queue is consumed; without any it rests.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from bridge.transport import clients, trouble
from bridge.transport.address import Address
from bridge.transport.ledger import Place
from bridge.transport.logs import Binding
from bridge.transport.options import Config, Creation, Options
from bridge.transport.positions import Heard, Positions
from bridge.transport.topics import MissingTopicError, Topics

_log = logging.getLogger(__name__)

#: Longest wait of one poll; what is bound or consumed anew is seen to in between.
_POLL_SECONDS: Final = 0.05
_REST_SECONDS: Final = 5.0
_BATCH: Final = 500
_RETRY_SECONDS: Final = 1.0
_CLOSE_SECONDS: Final = 10.0
#: How long a broker may take to say where a log ends, and to make one that it is asked for.
_ANSWER_SECONDS: Final = 5.0
#: Between two looks for a log that the broker is making; it does not say when it has.
_LOOK_SECONDS: Final = 0.02
#: How long binding waits; after that it goes on without knowing where the log ends.
_BIND_SECONDS: Final = 20.0

#: Keeps a parent's consumer referenced in forked children: collecting it there would hang.
_living: set[Broadcast] = set()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A log whose end somebody waits for."""

    topic: str
    made_with: Collection[str]
    done: threading.Event = field(default_factory=threading.Event)


class Broadcast:
    """What a connection hears of its logs. Thread-safe."""

    def __init__(
        self,
        options: Options,
        address: Address,
        *,
        on_ready: Callable[[], None],
        connect: Callable[[Config], Consumer] = Consumer,
    ) -> None:
        self._options = options
        self._address = address
        self._on_ready = on_ready
        self._topics = Topics(options, address)
        self._positions = Positions()
        #: Where the consumer is, in all that it reads.
        self._at: dict[Place, int] = {}
        self._is_full = False
        #: Ends of logs that somebody waits for: only one thread may use a consumer, as another one
        #: would wait for it for ever.
        self._asked: deque[_Asked] = deque()
        self._changed = threading.Event()
        self._stopping = threading.Event()
        self._retry_at = float("inf")
        #: Why the thread has ended by itself.
        self.failure: Exception | None = None
        self._trouble = trouble.Trouble(self._tell)
        config = {**options.reader(address), "error_cb": self._trouble.hear}
        self._consumer = clients.made(connect, config)
        self._process = os.getpid()
        _living.add(self)
        self._thread = threading.Thread(target=self._run, name="kafka-broadcast", daemon=True)
        self._thread.start()

    def bind(self, queue: str, topic: str, binding: Binding, made_with: Collection[str]) -> None:
        """Let a queue get what comes from now on; the topics of `made_with` are made too.

        Waits until the broker has said where the log ends, as a reply may be published before its
        queue is consumed. Where the broker does not say it in time, the queue begins when it does.
        """
        if not self._positions.bind(queue, topic, binding) or self._process != os.getpid():
            return
        asked = _Asked(topic, made_with)
        self._asked.append(asked)
        self._changed.set()
        asked.done.wait(_BIND_SECONDS)

    def unbind(self, queue: str, topic: str, binding: Binding) -> None:
        """Let a queue get no more of this."""
        self._positions.unbind(queue, topic, binding)

    def has(self, queue: str) -> bool:
        """Whether this queue is bound to a log."""
        return self._positions.has(queue)

    def follow(self, queues: Collection[str]) -> None:
        """Read for these queues from now on, and for no other."""
        if self._process == os.getpid():
            self._positions.follow(queues)
            self._changed.set()

    def forget(self, queue: str) -> None:
        """Drop a queue."""
        if self._process == os.getpid():
            self._positions.forget(queue)
            self._changed.set()

    def take(self, queues: Collection[str]) -> tuple[Heard, Message] | None:
        """The next message for one of these queues; None if there is none."""
        return self._positions.take(queues)

    def put_back(self, heard: Heard, record: Message) -> None:
        """Let this queue, and no other, have a message again."""
        self._positions.put_back(heard, record)
        self._on_ready()

    def has_some(self) -> bool:
        """Whether something was read and not handed out."""
        return self._positions.waiting > 0

    def stop(self) -> None:
        """Begin to end, without waiting for it."""
        self._stopping.set()
        self._changed.set()

    def close(self) -> None:
        """Read no more and free everything; nothing in a forked child."""
        if self._process == os.getpid():
            self.stop()
            self._thread.join(_CLOSE_SECONDS)
            _living.discard(self)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
            self._consumer.close()
        except Exception as error:  # noqa: BLE001 - a consumer loop: its owner must hear of any end
            self.failure = error
            for asked in self._asked:
                asked.done.set()
            self._on_ready()

    def _turn(self) -> None:
        if self._changed.is_set() or time.monotonic() >= self._retry_at:
            self._changed.clear()
            self._arrange()
        if not self._at:
            self._changed.wait(min(_REST_SECONDS, max(self._retry_at - time.monotonic(), 0)))
            # Nothing is read, but librdkafka's log lines are served.
            self._consumer.poll(0)
            return
        self._steer()
        first = self._consumer.poll(_POLL_SECONDS)
        if first is not None:
            # What poll has woken up for rarely comes alone.
            kept = [self._keep(record) for record in (first, *self._consumer.consume(_BATCH, 0))]
            if any(kept):
                self._on_ready()

    def _arrange(self) -> None:
        """Read all that the followed queues have still to get, and nothing else."""
        self._retry_at = float("inf")
        while self._asked:
            asked = self._asked.popleft()
            self._pin(asked.topic, asked.made_with)
            asked.done.set()
        for topic in self._positions.unpinned():
            self._pin(topic)
        starts = self._positions.starts()
        if starts.keys() == self._at.keys() and all(
            offset >= self._at[place] for place, offset in starts.items()
        ):
            return
        self._consumer.assign([TopicPartition(*place, offset) for place, offset in starts.items()])
        self._at = starts
        if self._is_full:
            self._resume()

    def _pin(self, topic: str, made_with: Iterable[str] = ()) -> None:
        try:
            self._topics.ensure({topic, *made_with})
            self._positions.pin(topic, self._ends(topic))
        except MissingTopicError as error:
            _log.error("Nothing is heard of %s yet: %s", topic, error)
        except KafkaException as error:
            reason = self._trouble.because(trouble.of(error))
            _log.error("Nothing is heard of %s at %s yet: %s", topic, self._address.brokers, reason)
        else:
            return
        self._retry_at = time.monotonic() + _RETRY_SECONDS

    def _tell(self, text: str) -> None:
        _log.warning("Kafka at %s: %s", self._address.brokers, text)

    def _ends(self, topic: str) -> dict[Place, int]:
        return {place: self._range(place)[1] for place in self._places(topic)}

    def _range(self, place: Place) -> tuple[int, int]:
        """The first offset that a log still has, and the one after its last."""
        return self._consumer.get_watermark_offsets(
            TopicPartition(*place), timeout=_ANSWER_SECONDS, cached=False
        )

    def _places(self, topic: str) -> list[Place]:
        """The partitions of a topic; a broker that makes topics itself makes it now."""
        deadline = time.monotonic() + _ANSWER_SECONDS
        while True:
            found = self._consumer.list_topics(topic, timeout=_ANSWER_SECONDS).topics[topic]
            if found.error is None:
                return [(topic, partition) for partition in found.partitions]
            if self._options.topic_creation is not Creation.AUTO or time.monotonic() > deadline:
                raise KafkaException(found.error)
            # In the reader's own thread, at most for the time limit.
            time.sleep(_LOOK_SECONDS)

    def _steer(self) -> None:
        """Pause while a queue has as much as it may, and resume when it has half of it."""
        longest, limit = self._positions.longest(), self._options.buffer_size
        if not self._is_full and longest >= limit:
            self._consumer.pause([TopicPartition(*place) for place in self._at])
            self._is_full = True
        elif self._is_full and longest < limit / 2:
            self._resume()

    def _resume(self) -> None:
        self._consumer.resume([TopicPartition(*place) for place in self._at])
        self._is_full = False

    def _keep(self, record: Message) -> bool:
        place = (str(record.topic()), int(record.partition() or 0))
        error = record.error()
        if error is not None:
            self._on_error(place, error)
            return False
        offset = int(record.offset() or 0)
        if place in self._at:
            self._at[place] = offset + 1
        return self._positions.keep(place, offset, record)

    def _on_error(self, place: Place, error: KafkaError) -> None:
        # A topic that is being made, brokers that are away: librdkafka goes on by itself.
        self._trouble.hear(error)
        if error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001 - its public name
            self._jump(place)

    def _jump(self, place: Place) -> None:
        """Go on where the log has something: it was shortened, or begun anew.

        At its end where it is shorter than what was read: a command is never heard twice.
        """
        try:
            missed = self._positions.jump(place, *self._range(place))
        except KafkaException as error:
            self._trouble.hear(trouble.of(error))
            self._retry_at = time.monotonic() + _RETRY_SECONDS
        else:
            if missed > 0:
                _log.warning("%s: %d messages expired before they were read", place[0], missed)
            self._changed.set()
        # Forces a new assignment.
        self._at.pop(place, None)
