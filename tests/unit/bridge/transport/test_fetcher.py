import os
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple, Self, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from bridge.transport import completed, marks, watch
from bridge.transport import fetcher as module
from bridge.transport.address import Address
from bridge.transport.backlog import Backlog
from bridge.transport.breather import Breather
from bridge.transport.cluster import Cluster
from bridge.transport.errors import BrokerError
from bridge.transport.fetcher import Fetcher
from bridge.transport.ledger import Commit, Delivery, Place
from bridge.transport.options import Creation, Options
from bridge.transport.topics import MissingTopicError
from bridge.transport.watch import Watch

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
        until(lambda: set(topics) <= set(self.consumer.subscribed))

    def take(self, *topics: str) -> Delivery:
        found: list[Delivery] = []

        def took() -> bool:
            taken = self.backlog.take(topics or ("queue",))
            found.extend([taken[0]] if taken else [])
            return bool(found)

        until(took)
        return found[0]

    def settled(self) -> None:
        """Wait until the consumer has seen every event."""
        until(self.consumer.events.empty)
        turn = threading.Event()
        self.consumer.events.put(turn.set)
        assert turn.wait(10)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.follow("queue", "other")
    bench.consumer.assign(HERE, THERE)
    yield bench
    bench.fetcher.close()


def test_messages_are_handed_out_in_turns_and_whoever_waits_is_woken(bench: Bench) -> None:
    for offset in range(2):
        bench.consumer.bring(offset)
        bench.consumer.bring(offset, THERE)
    assert bench.ready.wait(10)
    bench.settled()

    taken = [bench.take("queue", "other").place[0] for _ in range(4)]
    assert taken in (["queue", "other"] * 2, ["other", "queue"] * 2)
    assert not bench.backlog
    assert bench.backlog.take(["queue"]) is None


def test_only_the_finished_prefix_is_committed(bench: Bench) -> None:
    for offset in range(3):
        bench.consumer.bring(offset)
    first, second, _ = (bench.take() for _ in range(3))

    bench.fetcher.finish(second)
    until(lambda: bench.consumer.commits == [{"queue": 0}])
    assert bench.consumer.beyond == {"queue": {1}}
    bench.fetcher.finish(first)
    until(lambda: bench.consumer.commits[1:] == [{"queue": 2}])
    assert bench.consumer.beyond == {"queue": set()}
    bench.settled()
    assert len(bench.consumer.commits) == 2, "nothing new, and still committed"


def test_the_beginning_is_committed_where_nothing_is_or_less_than_is_still_there() -> None:
    """So that whoever scales by the lag sees none; also of a queue that was purged."""
    bench = Bench()
    bench.consumer.beginnings = {("queue", 0): 7, ("other", 0): 9}
    bench.consumer.stored = [TopicPartition("other", 0, 3)]
    bench.follow("queue", "other")
    bench.consumer.assign(HERE, THERE)
    until(lambda: bench.consumer.commits == [{"queue": 7, "other": 9}])
    assert bench.consumer.questions_closed
    bench.consumer.bring(8)
    bench.fetcher.finish(bench.take())
    until(lambda: bench.consumer.commits[-1] == {"queue": 9})
    bench.fetcher.close()


def test_what_an_earlier_owner_finished_is_not_handed_out(bench: Bench) -> None:
    metadata = completed.encode(3, [4])
    bench.consumer.stored = [TopicPartition("queue", 0, 3, metadata)]
    bench.consumer.withdraw(HERE)
    bench.consumer.assign(HERE)
    for offset in range(3, 6):
        bench.consumer.bring(offset)
    first, last = bench.take(), bench.take()

    assert [first.offset, last.offset] == [3, 5]
    bench.settled()
    assert bench.consumer.commits == []
    bench.fetcher.finish(first)
    until(lambda: bench.consumer.commits == [{"queue": 5}])


def test_without_an_answer_about_the_earlier_owner_nothing_is_handed_out(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other partitions go on, the one in question is paused, and the question is repeated."""
    monkeypatch.setattr(bench.fetcher._arrivals, "_retry_seconds", 0.01)
    monkeypatch.setattr(bench.fetcher._arrivals, "_most", 1)
    bench.settled()
    bench.consumer.silence = KafkaError(KafkaError._TIMED_OUT)
    bench.consumer.withdraw(HERE)
    bench.consumer.assign(HERE)
    bench.consumer.bring(4)
    bench.consumer.bring(7, THERE)
    assert bench.take("other").offset == 7
    until(lambda: bench.consumer.paused == {"queue"})
    asked = bench.consumer.asked
    until(lambda: bench.consumer.asked > asked + 1)
    assert "does not say what is finished" in caplog.text
    assert not bench.backlog

    bench.consumer.stored = [TopicPartition("queue", 0, 4, completed.encode(4, [5]))]
    bench.consumer.silence = None
    assert bench.take().offset == 4
    until(lambda: not bench.consumer.paused)
    bench.consumer.bring(5)
    bench.consumer.bring(6)
    assert bench.take().offset == 6


def test_what_was_asked_under_an_earlier_assignment_is_not_believed(bench: Bench) -> None:
    """Somebody else may have owned the partition in between, and finished more."""
    bench.settled()
    asked, answer = threading.Event(), threading.Event()
    ask = bench.consumer.commits_of

    def slow(group: str, places: Collection[Place]) -> dict[Place, Commit]:
        answers = ask(group, places)
        asked.set()
        assert answer.wait(10)
        return answers

    bench.consumer.commits_of = slow  # type: ignore[method-assign]  # this once
    bench.consumer.withdraw(HERE)
    bench.consumer.assign(HERE)
    assert asked.wait(10)
    bench.consumer.withdraw(HERE)
    bench.consumer.assign(HERE)
    bench.settled()
    bench.consumer.commits_of = ask  # type: ignore[method-assign]  # as it was
    bench.consumer.stored = [TopicPartition("queue", 0, 3, completed.encode(3, [4]))]
    answer.set()
    for offset in range(3, 6):
        bench.consumer.bring(offset)
    assert [bench.take().offset, bench.take().offset] == [3, 5]


def test_polling_goes_on_while_topics_are_made(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, made = threading.Event(), threading.Event()

    def ensure(_names: set[str], *, to_read: bool) -> None:
        assert to_read
        asked.set()
        assert made.wait(10)

    monkeypatch.setattr(bench.fetcher._topics, "ensure", ensure)
    bench.fetcher.follow(["queue", "other", "third"])
    assert asked.wait(10)
    bench.consumer.bring(0)
    assert bench.take().offset == 0
    assert bench.consumer.subscribed == ["other", "queue"]
    made.set()
    until(lambda: bench.consumer.subscribed == ["other", "queue", "third"])


def test_a_log_that_was_cut_is_read_again_from_there(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """What was fetched of the old one is dropped, its acknowledgements do not count."""
    bench.consumer.stored = [TopicPartition("queue", 0, 50)]
    bench.consumer.withdraw(HERE)
    bench.consumer.assign(HERE)
    bench.consumer.bring(50)
    bench.consumer.bring(51)
    old = bench.take()
    until(lambda: len(bench.backlog) == 1)
    bench.consumer.bring(3)
    bench.settled()
    new = bench.take()
    assert new.offset == 3
    assert not bench.backlog
    until(lambda: bench.consumer.commits == [{"queue": 3}])
    bench.fetcher.finish(old)
    bench.settled()
    assert len(bench.consumer.commits) == 1
    bench.fetcher.finish(new)
    until(lambda: bench.consumer.commits[1:] == [{"queue": 4}])
    assert "goes on at the earlier offset 3" in caplog.text


def test_partitions_are_paused_and_resumed_only_when_that_changes(bench: Bench) -> None:
    """Both throw away what librdkafka has fetched."""
    bench.settled()
    bench.consumer.changes.clear()
    bench.fetcher.follow(["other"])
    until(lambda: bench.consumer.changes == [("pause", {"queue"})])
    bench.fetcher.follow(["queue"])
    until(lambda: bench.consumer.paused == {"other"})
    assert bench.consumer.changes[1:] == [("pause", {"other"}), ("resume", {"queue"})]


def test_what_was_paused_is_resumed_when_it_comes_back(bench: Bench) -> None:
    bench.fetcher.follow(["other"])
    until(lambda: bench.consumer.paused == {"queue"})
    bench.consumer.withdraw(HERE)
    bench.settled()
    bench.fetcher.follow(["queue", "other"])
    bench.consumer.assign(HERE)
    until(lambda: not bench.consumer.paused)


def test_a_partition_whose_metadata_gets_full_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completed, "MOST_SPAN", 4)
    bench = Bench()
    bench.follow("queue", "other")
    bench.consumer.assign(HERE, THERE)
    for offset in range(4):
        bench.consumer.bring(offset)
    until(lambda: bench.consumer.paused == {"queue"})
    bench.fetcher.finish(bench.take())
    until(lambda: not bench.consumer.paused)
    bench.fetcher.close()


def test_a_broker_that_takes_little_metadata_gets_none(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.consumer.refusal = KafkaError(KafkaError.OFFSET_METADATA_TOO_LARGE)
    for offset in range(4):
        bench.consumer.bring(offset)
    taken = [bench.take() for _ in range(4)]
    bench.fetcher.finish(taken[2])
    until(lambda: "raise offset.metadata.max.bytes" in caplog.text)
    bench.consumer.refusal = None
    bench.fetcher.finish(taken[0])
    until(lambda: bench.consumer.commits == [{"queue": 1}])
    assert bench.consumer.beyond == {"queue": set()}


def test_a_leaving_worker_repeats_what_was_refused_of_one_partition() -> None:
    bench = Bench(commit_interval=1000)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    bench.consumer.errors = [KafkaError(KafkaError.NOT_COORDINATOR)]
    bench.fetcher.finish(bench.take())
    bench.fetcher.close()
    assert bench.consumer.commits == [{"queue": 1}, {"queue": 1}]


def test_a_refused_commit_is_repeated(bench: Bench) -> None:
    bench.consumer.refusal = KafkaError(KafkaError.REBALANCE_IN_PROGRESS)
    bench.consumer.bring(0)
    bench.fetcher.finish(bench.take())
    until(lambda: bench.consumer.refused > 1)
    bench.consumer.refusal = None

    until(lambda: bench.consumer.commits == [{"queue": 1}])


def test_what_is_finished_is_committed_before_a_partition_goes() -> None:
    bench = Bench(commit_interval=1000)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    bench.fetcher.finish(bench.take())
    bench.consumer.withdraw(HERE)
    until(lambda: bench.consumer.commits == [{"queue": 1}])
    bench.fetcher.close()


def test_a_refused_commit_does_not_hold_up_a_rebalance() -> None:
    bench = Bench(commit_interval=1000)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    bench.fetcher.finish(bench.take())
    bench.consumer.refusal = KafkaError(KafkaError.ILLEGAL_GENERATION)
    bench.consumer.withdraw(HERE)
    bench.settled()
    assert bench.fetcher.failure is None
    bench.fetcher.close()


def test_running_tasks_get_time_when_their_partition_goes() -> None:
    bench = Bench(revoke_grace=10.0)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    for offset in range(2):
        bench.consumer.bring(offset)
    running = bench.take()
    bench.consumer.withdraw(HERE)
    until(lambda: not bench.backlog)
    bench.fetcher.finish(running)
    bench.settled()

    assert bench.consumer.commits == [{"queue": 1}]
    bench.fetcher.close()


def test_a_late_acknowledgement_is_ignored(bench: Bench) -> None:
    """The partition comes back and its message with it: only the second delivery counts."""
    bench.consumer.bring(0)
    early = bench.take()
    bench.consumer.withdraw(HERE)
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    late = bench.take()

    bench.fetcher.finish(early)
    bench.settled()
    assert bench.consumer.commits == []
    bench.fetcher.finish(late)
    until(lambda: bench.consumer.commits == [{"queue": 1}])


def test_messages_of_lost_partitions_are_dropped_and_nothing_is_committed(bench: Bench) -> None:
    bench.consumer.bring(0)
    bench.fetcher.finish(bench.take())
    bench.consumer.refusal = KafkaError(KafkaError.UNKNOWN_MEMBER_ID)
    bench.consumer.bring(1)
    bench.consumer.withdraw(HERE, how="on_lost")
    bench.consumer.bring(2)
    bench.settled()

    assert not bench.backlog


def test_too_many_fetched_messages_pause_the_partitions() -> None:
    bench = Bench(buffer_size=4)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    for offset in range(4):
        bench.consumer.bring(offset)
    until(lambda: bench.consumer.paused)
    bench.take()
    bench.settled()
    assert bench.consumer.paused == {"queue"}, "resumed too soon: it would flutter"

    bench.take()
    bench.take()
    until(lambda: not bench.consumer.paused)
    bench.fetcher.close()


def test_who_is_full_for_a_moment_does_not_poll_and_pauses_nothing() -> None:
    now, rests = [0.0], queue.Queue[float]()
    breather = Breather(rests.put, lambda: now[0])
    bench = Bench(breather, buffer_size=4)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    for offset in range(5):
        bench.consumer.bring(offset)
    for _ in range(3):
        rests.get(timeout=10)
    assert len(bench.backlog) == 4
    assert not bench.consumer.paused

    for _ in range(3):
        bench.take()
    until(bench.consumer.events.empty)
    for offset in range(5, 7):
        bench.consumer.bring(offset)
    until(lambda: len(bench.backlog) == 4)
    assert not bench.consumer.paused

    now[0] = 1.5
    until(lambda: bench.consumer.paused == {"queue"})
    bench.fetcher.close()


def test_a_queue_no_longer_followed_is_paused_and_kept(bench: Bench) -> None:
    bench.consumer.bring(0)
    running = bench.take()
    bench.fetcher.follow(["other"])
    until(lambda: bench.consumer.paused == {"queue"})

    bench.fetcher.finish(running)
    until(lambda: bench.consumer.commits == [{"queue": 1}])
    assert bench.consumer.subscribed == ["other", "queue"]


def test_closing_commits_and_leaves(bench: Bench) -> None:
    bench.consumer.bring(0)
    bench.fetcher.finish(bench.take())
    bench.consumer.refusal = None
    bench.fetcher.close()
    assert bench.consumer.closed
    assert bench.consumer.commits[-1] == {"queue": 1}
    assert bench.fetcher not in module._living


def leaving(patience: float, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench that leaves while its commit is refused."""
    monkeypatch.setattr(module, "_LEAVE_SECONDS", patience)
    bench = Bench(commit_interval=1000)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    running = bench.take()
    bench.consumer.refusal = KafkaError(KafkaError.REBALANCE_IN_PROGRESS)
    bench.fetcher.finish(running)
    bench.fetcher._stopping.set()
    return bench


def test_a_leaving_worker_repeats_a_refused_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = leaving(10.0, monkeypatch)
    until(lambda: bench.consumer.refused > 1)
    bench.consumer.refusal = None
    bench.fetcher.close()
    assert bench.consumer.commits == [{"queue": 1}]


def test_a_leaving_worker_has_limited_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = leaving(0.1, monkeypatch)
    bench.fetcher.close()
    assert bench.consumer.closed
    assert bench.consumer.commits == []


def test_leaving_waits_for_nobody() -> None:
    """Not even for a task to which another rebalance would give its grace."""
    bench = Bench(revoke_grace=1000)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    bench.take()
    bench.fetcher.close()
    assert bench.consumer.closed


def test_a_forked_child_touches_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: -1)
        bench.fetcher.close()
    assert not bench.consumer.closed
    assert bench.fetcher in module._living


def test_errors_that_mend_themselves_end_nothing(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.consumer.events.put(Message(error=KafkaError(KafkaError._ALL_BROKERS_DOWN)))
    bench.consumer.bring(0)
    bench.take()
    assert "Kafka at one:1: " in caplog.text


def test_a_fatal_error_is_told_to_the_connection(bench: Bench) -> None:
    """The consumer is closed then: fallen silent it would hold its partitions for a session."""
    bench.ready.clear()
    bench.consumer.events.put(Message(error=KafkaError(KafkaError._FENCED, "fenced", fatal=True)))
    assert bench.ready.wait(10)
    assert isinstance(bench.fetcher.failure, KafkaException)
    assert bench.consumer.closed


def test_topics_that_cannot_be_made_are_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)
    bench = Bench()
    outcomes: list[Exception | None] = [MissingTopicError("no topic queue"), None]
    asked: list[set[str]] = []

    def ensure(names: set[str], *, to_read: bool) -> None:
        assert to_read
        asked.append(names)
        if error := outcomes.pop(0):
            raise error

    monkeypatch.setattr(bench.fetcher._topics, "ensure", ensure)
    bench.follow("queue")
    assert asked == [{"queue", "queue.dlq"}] * 2
    assert "no topic queue; trying again" in caplog.text
    bench.fetcher.close()


def watched(**options: Any) -> tuple[Bench, list[str]]:  # noqa: ANN401 - any option
    """A fetcher that watches for messages that kill, and the reasons of those condemned."""
    bench, reasons = Bench(**options), list[str]()

    def condemn(_record: Message, delivery: Delivery, reason: str) -> None:
        reasons.append(reason)
        bench.fetcher.finish(delivery)

    ledger, options_of = bench.fetcher._ledger, bench.fetcher._options
    bench.fetcher._guard = Watch(ledger, bench.backlog, options_of.max_deliveries, condemn)
    bench.follow("queue")
    return bench, reasons


def test_commits_say_that_a_partition_has_an_owner_until_it_is_left() -> None:
    bench, _ = watched()
    bench.consumer.stored = [TopicPartition("queue", 0, 3, completed.encode(3, [4]))]
    bench.consumer.assign(HERE)
    until(lambda: bench.consumer.commits == [{"queue": 3}])
    assert marks.decode(bench.consumer.metadata["queue"]).is_owned
    assert bench.consumer.beyond == {"queue": {4}}
    bench.consumer.bring(3)
    bench.take()
    bench.consumer.withdraw(HERE)
    until(lambda: len(bench.consumer.commits) == 2)
    assert not marks.decode(bench.consumer.metadata["queue"]).is_owned
    bench.fetcher.close()


def test_a_first_message_waits_for_the_mark_and_whoever_waits_for_it_is_woken() -> None:
    """At once, however rarely commits are made else."""
    bench, _ = watched(commit_interval=1000)
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    until(bench.ready.is_set)
    assert bench.take().offset == 0
    assert marks.decode(bench.consumer.metadata["queue"]).is_owned
    bench.fetcher.close()
    assert not marks.decode(bench.consumer.metadata["queue"]).is_owned


def test_what_killed_its_workers_is_condemned_and_the_next_is_handed_out() -> None:
    bench, reasons = watched(max_deliveries=3)
    bench.consumer.stored = [TopicPartition("queue", 0, 0, "own1:0=2")]
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    bench.consumer.bring(1)
    assert bench.take().offset == 1
    assert len(reasons) == 1
    bench.fetcher.close()


def test_a_partition_that_is_cut_keeps_its_mark_and_loses_what_was_kept_back() -> None:
    bench, _ = watched()
    bench.consumer.stored = [TopicPartition("queue", 0, 5, "own1:5=1")]
    bench.consumer.assign(HERE)
    bench.consumer.bring(5)
    assert bench.take().offset == 5
    bench.consumer.bring(6)
    bench.consumer.bring(0)
    assert bench.take().offset == 0
    bench.settled()
    until(lambda: bench.consumer.commits[-1:] == [{"queue": 0}])
    assert bench.consumer.metadata["queue"] == "own1:"
    bench.fetcher.close()


def test_no_more_is_fetched_of_a_partition_of_which_enough_is_kept_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "_MOST_WAITING", 2)
    bench, _ = watched()
    bench.consumer.stored = [TopicPartition("queue", 0, 0, "own1:0=1")]
    bench.consumer.assign(HERE)
    for offset in range(3):
        bench.consumer.bring(offset)
    suspect = bench.take()
    until(lambda: bench.consumer.paused == {"queue"})
    bench.fetcher.finish(suspect)
    until(lambda: not bench.consumer.paused)
    bench.fetcher.close()
