"""A fetcher on a consumer whose every event a test decides."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, Self, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from bridge.transport import completed
from bridge.transport.address import Address
from bridge.transport.backlog import Backlog
from bridge.transport.breather import Breather
from bridge.transport.cluster import Cluster
from bridge.transport.errors import BrokerError
from bridge.transport.fetcher import Fetcher
from bridge.transport.ledger import Commit, Delivery, Place
from bridge.transport.options import Creation, Options
from tests.waiting import wait_until

HERE = TopicPartition("queue", 0)
THERE = TopicPartition("other", 0)


class Answer(NamedTuple):
    """The answer to the commit of one partition: only librdkafka can give one an error."""

    topic: str
    partition: int
    offset: int
    metadata: str | None
    error: KafkaError | None


class ScriptedConsumer:
    """A consumer whose every event the test decides."""

    def __init__(self) -> None:
        self.events: queue.Queue[Message | Callable[[], None]] = queue.Queue()
        self.assigned: list[TopicPartition] = []
        self.paused: set[str] = set()
        self.changes: list[tuple[str, set[str]]] = []
        self.subscribed: list[str] = []
        self.commits: list[dict[str, int]] = []
        #: Where partitions begin, as an administrator is told; nothing is known of others.
        self.beginnings: dict[Place, int] = {}
        self.questions_closed = 0
        #: Finished beyond the offset, as the last commit of each topic said.
        self.beyond: dict[str, frozenset[int]] = {}
        #: The metadata of the last commit of each topic.
        self.metadata: dict[str, str] = {}
        self.stored: list[TopicPartition] = []
        self.silence: KafkaError | None = None
        #: How often it was asked what was committed.
        self.asked = 0
        self.refusal: KafkaError | None = None
        #: What the next commit answers, by partition.
        self.errors: list[KafkaError | None] = []
        self.closed = False
        self.refused = 0

    def connect(self, config: dict[str, Any]) -> Consumer:
        self.on_commit = config["on_commit"]
        return cast("Consumer", self)

    def subscribe(self, topics: list[str], **callbacks: Any) -> None:  # noqa: ANN401 - as librdkafka's
        self.subscribed = topics
        self.callbacks = callbacks

    def assign(self, *partitions: TopicPartition) -> None:
        def act() -> None:
            self.callbacks["on_assign"](self, list(partitions))
            self.assigned.extend(partitions)

        self.events.put(act)

    def withdraw(self, *partitions: TopicPartition, how: str = "on_revoke") -> None:
        def act() -> None:
            self.callbacks[how](self, list(partitions))
            self.assigned = [part for part in self.assigned if part not in partitions]

        self.events.put(act)

    def bring(self, offset: int, place: TopicPartition = HERE) -> None:
        self.events.put(
            Message(topic=place.topic, partition=place.partition, offset=offset, value=b"")
        )

    def poll(self, seconds: float) -> Message | None:
        try:
            event = self.events.get(timeout=seconds)
        except queue.Empty:
            return None
        if isinstance(event, Message):
            return event
        event()
        return None

    def consume(self, _count: int, _seconds: float) -> list[Message]:
        return []

    def assignment(self) -> list[TopicPartition]:
        return self.assigned

    def pause(self, partitions: list[TopicPartition]) -> None:
        self._change("pause", {part.topic for part in partitions})

    def resume(self, partitions: list[TopicPartition]) -> None:
        self._change("resume", {part.topic for part in partitions})

    def _change(self, how: str, topics: set[str]) -> None:
        self.paused = self.paused | topics if how == "pause" else self.paused - topics
        if topics:
            self.changes.append((how, topics))

    def administer(self, _options: Options, _address: Address) -> Cluster:
        return cast("Cluster", Administration(self))

    def commits_of(self, group: str, places: Collection[Place]) -> dict[Place, Commit]:
        """What an administrator is told of the group's commits."""
        self.asked += 1
        assert group == "celery"
        if self.silence is not None:
            raise BrokerError(f"does not say what is finished: {self.silence}")
        stored = {part.topic: Commit(part.offset, part.metadata or "") for part in self.stored}
        return {place: stored[place[0]] for place in places if place[0] in stored}

    def commit(
        self, *, offsets: list[TopicPartition], asynchronous: bool
    ) -> list[TopicPartition] | None:
        self.refused += self.refusal is not None
        if self.refusal is not None and not asynchronous:
            raise KafkaException(self.refusal)
        if self.refusal is None:
            self.beyond |= {
                part.topic: completed.decode(part.offset, part.metadata or "") for part in offsets
            }
            self.commits.append({part.topic: part.offset for part in offsets})
            self.metadata |= {part.topic: part.metadata or "" for part in offsets}
        errors, self.errors = self.errors or [None] * len(offsets), []
        answers = [
            cast(
                "TopicPartition",
                Answer(part.topic, part.partition, part.offset, part.metadata, error),
            )
            for part, error in zip(offsets, errors, strict=True)
        ]
        if not asynchronous:
            return answers
        self.on_commit(self.refusal, answers)
        return None

    def close(self) -> None:
        if self.assigned:
            self.callbacks["on_revoke"](self, self.assigned)
        self.closed = True


class Administration:
    """What an administrator of the scripted consumer's cluster hears."""

    def __init__(self, consumer: ScriptedConsumer) -> None:
        self._consumer = consumer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._consumer.questions_closed += 1

    def beginnings(self, places: Collection[Place]) -> dict[Place, int]:
        begins = self._consumer.beginnings
        return {place: begins[place] for place in places if place in begins}

    def commits(self, group: str, places: Collection[Place]) -> dict[Place, Commit]:
        return self._consumer.commits_of(group, places)

    def partitions(self) -> dict[str, int]:
        return {"queue": 1, "other": 1, "queue.dlq": 1, "other.dlq": 1}

    def ask_for(self, topic: str) -> None:
        assert topic in self.partitions()


class Bench:
    """A fetcher on a scripted consumer."""

    def __init__(
        self,
        breather: Breather | None = None,
        **options: Any,  # noqa: ANN401 - any option
    ) -> None:
        self.consumer = ScriptedConsumer()
        self.ready = threading.Event()
        settings = {"topic_creation": Creation.AUTO, "commit_interval": 0.01, "revoke_grace": 0.0}
        configured = Options(**{**settings, **options})
        self.backlog = Backlog(configured.buffer_size)
        self.fetcher = Fetcher(
            configured,
            Address("one:1"),
            self.backlog,
            on_ready=self.ready.set,
            breather=breather,
            connect=self.consumer.connect,
            administer=self.consumer.administer,
        )

    def follow(self, *topics: str) -> None:
        self.fetcher.follow(topics)
        wait_until(lambda: set(topics) <= set(self.consumer.subscribed))

    def take(self, *topics: str) -> Delivery:
        found: list[Delivery] = []

        def took() -> bool:
            taken = self.backlog.take(topics or ("queue",))
            found.extend([taken[0]] if taken else [])
            return bool(found)

        wait_until(took)
        return found[0]

    def settled(self) -> None:
        """Wait until the consumer has seen every event."""
        wait_until(self.consumer.events.empty)
        turn = threading.Event()
        self.consumer.events.put(turn.set)
        assert turn.wait(10)
