"""The loop on a scripted consumer: every outcome of a handler, and every turn of a group."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from app.errors import ConflictError, InvalidInputError, UnavailableError
from app.messages import events
from bridge.kafka import clients, records
from bridge.kafka import consumer as module
from bridge.kafka.consumer import run
from bridge.kafka.dead_share import FEW
from bridge.kafka.membership import Pace
from bridge.kafka.producer import EventProducer
from bridge.kafka.records import Received
from tests.unit.bridge.kafka.reading import read_all

HERE, THERE = TopicPartition("news", 0), TopicPartition("news", 1)
#: Near the limit: with the headers of a dead letter it would not fit.
LARGE = clients.MAX_MESSAGE_BYTES - 4 * 1024
EVENT = events.GenerationFinished("g1", "s1", written=1, failed=0)


def event(offset: int, partition: int = 0) -> Message:
    envelope = events.wrap(EVENT, event_id=f"e{offset}", key="k")
    return Message(
        topic="news", partition=partition, offset=offset,
        key=b"k", value=envelope.body, headers=list(envelope.headers()),
    )  # fmt: skip


def malformed(offset: int, value: bytes = b"{") -> Message:
    return Message(topic="news", partition=0, offset=offset, key=b"k", value=value)


class ScriptedConsumer:
    """Gives what the test wrote down, one step a poll, then ends the loop when `ends` says so."""

    def __init__(self, *steps: Sequence[Message] | Callable[[ScriptedConsumer], None]) -> None:
        self.steps = list(steps)
        self.stop = threading.Event()
        self.ready: list[Message] = []
        self.paused: list[TopicPartition] = []
        self.commits: list[dict[int, int]] = []
        self.refusals: list[KafkaError] = []
        self.closed = False
        self.ends: Callable[[], object] = lambda: True

    def subscribe(self, topics: list[str], **callbacks: Any) -> None:  # noqa: ANN401 - as librdkafka's
        assert topics == ["news"]
        self.callbacks = callbacks

    def poll(self, _seconds: float) -> Message | None:
        if not self.steps:
            time.sleep(0.001)
            if self.ends():
                self.stop.set()
        elif callable(self.steps[0]):
            self.steps.pop(0)(self)  # type: ignore[operator]
        elif not self.paused:
            self.ready += self.steps.pop(0)  # type: ignore[arg-type]
        return self.ready.pop(0) if self.ready else None

    def consume(self, count: int, _seconds: float) -> list[Message]:
        taken, self.ready = self.ready[:count], self.ready[count:]
        return taken

    def assignment(self) -> list[TopicPartition]:
        return [HERE, THERE]

    def pause(self, partitions: list[TopicPartition]) -> None:
        self.paused = partitions

    def resume(self, _partitions: list[TopicPartition]) -> None:
        self.paused = []

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> None:
        assert not asynchronous
        if self.refusals:
            raise KafkaException(self.refusals.pop(0))
        self.commits.append({part.partition: part.offset for part in offsets})

    def close(self) -> None:
        self.closed = True


class Shelf:
    """Takes dead letters in place of Kafka."""

    def __init__(self) -> None:
        self.letters: list[dict[str, bytes]] = []
        self.refusals: list[Exception] = []
        self.served = 0

    def produce(self, topic: str, **record: Any) -> None:  # noqa: ANN401 - as the producer's
        if self.refusals:
            raise self.refusals.pop(0)
        assert topic == "news.dlq"
        self.letters.append(dict(record["headers"]))

    def flush(self) -> None:
        """Confirm at once."""

    def serve(self) -> None:
        self.served += 1

    def close(self) -> None:
        """Hold nothing."""


class Clerk:
    """A handler that fails as told and remembers what it has handled."""

    def __init__(self, *failures: Exception, poisonous: int | None = None) -> None:
        self.failures = list(failures)
        self.poisonous = poisonous
        self.handled: list[list[int]] = []

    def handle(self, batch: Sequence[Received]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        offsets = [received.offset for received in batch]
        if self.poisonous in offsets:
            raise ValueError("poison")
        self.handled.append(offsets)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    shelf = Shelf()
    monkeypatch.setattr(module, "EventProducer", lambda *_, **__: shelf)
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.01)
    return shelf


def work(
    monkeypatch: pytest.MonkeyPatch,
    consumer: ScriptedConsumer,
    clerk: Clerk,
    **options: Any,  # noqa: ANN401 - any option
) -> None:
    monkeypatch.setattr(module, "Consumer", lambda _config: consumer)
    run(
        clerk, read=records.read, brokers="one:1", group="g", topics=["news"], stop=consumer.stop,
        pace=Pace(poll_seconds=0.01), **options,
    )  # fmt: skip


def test_a_batch_is_handled_and_then_committed(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer, clerk, polls = (
        ScriptedConsumer([event(0), event(1), event(7, 1)]),
        Clerk(),
        list[int](),
    )
    work(monkeypatch, consumer, clerk, on_poll=lambda: polls.append(1))

    assert clerk.handled == [[0, 1, 7]]
    assert consumer.commits == [{0: 2, 1: 8}]
    assert consumer.closed
    assert polls
    assert shelf.served


def test_a_malformed_message_is_put_aside_with_its_origin(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer, clerk = ScriptedConsumer([event(0), malformed(1), event(2)]), Clerk()
    work(monkeypatch, consumer, clerk)

    assert clerk.handled == [[0, 2]]
    assert consumer.commits == [{0: 3}]
    [letter] = shelf.letters
    assert letter["x-origin-topic"] == b"news"
    assert letter["x-origin-offset"] == b"1"
    assert b"header is missing" in letter["x-reason"]


def test_nothing_is_committed_before_the_dead_letter_is_confirmed(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    shelf.refusals = [UnavailableError("Kafka is away.")]
    consumer = ScriptedConsumer([malformed(0)])
    consumer.ends = lambda: shelf.letters
    work(monkeypatch, consumer, Clerk())

    assert len(shelf.letters) == 1
    assert consumer.commits == [{0: 1}]


def test_the_same_batch_comes_again_when_a_part_was_away(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    away = [UnavailableError("The database is away.")] * 3
    consumer, clerk = ScriptedConsumer([event(0), event(1)]), Clerk(*away)
    consumer.ends = lambda: clerk.handled
    work(monkeypatch, consumer, clerk)

    assert clerk.handled == [[0, 1]]
    assert consumer.commits == [{0: 2}]
    assert shelf.letters == []


def test_foreign_errors_may_be_declared_transient(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer, clerk = ScriptedConsumer([event(0)]), Clerk(OSError())
    consumer.ends = lambda: clerk.handled
    work(monkeypatch, consumer, clerk, transient=lambda error: isinstance(error, OSError))
    assert clerk.handled == [[0]]


def test_stopping_while_waiting_commits_nothing_unhandled(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer = ScriptedConsumer([malformed(0), event(1)])
    clerk = Clerk(*[UnavailableError("away")] * 1000)
    work(monkeypatch, consumer, clerk)

    assert clerk.handled == []
    assert consumer.commits == []


def test_the_poisonous_event_is_found_and_put_aside(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer, clerk = ScriptedConsumer([event(n) for n in range(4)]), Clerk(poisonous=2)
    work(monkeypatch, consumer, clerk)

    assert clerk.handled == [[0], [1], [3]]
    assert [letter["x-reason"] for letter in shelf.letters] == [b"ValueError: poison"]
    assert consumer.commits == [{0: 4}]


def test_a_permanent_error_of_ours_is_no_reason_to_wait(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer, clerk = ScriptedConsumer([event(0)]), Clerk(ConflictError("Over."))
    work(monkeypatch, consumer, clerk)
    assert [letter["x-reason"] for letter in shelf.letters] == [b"ConflictError: Over."]


def test_too_many_dead_letters_end_the_loop_and_leave_the_topic(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    """Whoever starts it again finds all of them there."""
    consumer = ScriptedConsumer([malformed(number) for number in range(FEW + 1)])
    with pytest.raises(ConflictError, match="cannot be handled"):
        work(monkeypatch, consumer, Clerk(), most_dead=0.5)
    assert (shelf.letters, consumer.commits, consumer.closed) == ([], [], True)


def test_a_handler_that_fails_too_often_ends_the_loop(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer = ScriptedConsumer([event(number) for number in range(100)])
    with pytest.raises(ConflictError, match="TESTOPS_DEAD_LETTER_SHARE"):
        work(monkeypatch, consumer, Clerk(*[ValueError()] * 1000), most_dead=0.5)
    assert len(shelf.letters) == 50
    assert consumer.commits == []


def test_what_cannot_even_be_put_aside_ends_the_loop(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    shelf.refusals = [InvalidInputError("Too large.")]
    consumer = ScriptedConsumer([malformed(0)])
    with pytest.raises(InvalidInputError, match="Too large"):
        work(monkeypatch, consumer, Clerk())
    assert consumer.commits == []
    assert consumer.closed


def test_events_of_revoked_partitions_are_not_handled_again(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer = ScriptedConsumer(
        [event(0), event(5, 1)],
        lambda it: it.callbacks["on_revoke"](it, [THERE]),
    )
    clerk = Clerk(UnavailableError("away"))
    consumer.ends = lambda: clerk.handled
    work(monkeypatch, consumer, clerk)

    assert clerk.handled == [[0]]
    assert consumer.commits == [{0: 1}]


def test_a_batch_that_is_lost_altogether_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer = ScriptedConsumer([event(0)], lambda it: it.callbacks["on_lost"](it, [HERE]))
    clerk = Clerk(UnavailableError("away"))
    consumer.ends = lambda: not consumer.paused
    work(monkeypatch, consumer, clerk)
    assert clerk.handled == []
    assert consumer.commits == []


def test_what_arrives_while_waiting_is_handled_afterwards_unless_revoked(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    """A rebalance brings partitions that are not paused yet."""
    consumer = ScriptedConsumer(
        [event(0)],
        lambda it: it.ready.extend([event(1), event(5, 1)]),
        lambda _: None,
        lambda it: it.callbacks["on_revoke"](it, [THERE]),
    )
    clerk = Clerk(*[UnavailableError("away")] * 4)
    consumer.ends = lambda: len(clerk.handled) == 2
    work(monkeypatch, consumer, clerk)

    assert list(itertools.chain(*clerk.handled)) == [0, 1]
    assert consumer.commits[-1] == {0: 2}


def test_a_refused_commit_is_made_with_the_next_one(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    consumer = ScriptedConsumer([event(0)], [event(3, 1)])
    consumer.refusals = [KafkaError(KafkaError.REBALANCE_IN_PROGRESS)]
    work(monkeypatch, consumer, Clerk())
    assert consumer.commits == [{0: 1}, {1: 4}]


def test_errors_that_mend_themselves_are_only_logged(
    monkeypatch: pytest.MonkeyPatch, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    away = Message(error=KafkaError(KafkaError._ALL_BROKERS_DOWN))
    consumer, clerk = ScriptedConsumer([away, event(0)]), Clerk()
    work(monkeypatch, consumer, clerk)
    assert clerk.handled == [[0]]
    assert "consumer.poll_failed" in caplog.text


def test_a_fatal_error_ends_the_loop(monkeypatch: pytest.MonkeyPatch, shelf: Shelf) -> None:
    fenced = Message(error=KafkaError(KafkaError._FENCED, "fenced", fatal=True))
    with pytest.raises(KafkaException, match="fenced"):
        work(monkeypatch, ScriptedConsumer([fenced]), Clerk())


def test_the_pauses_grow_to_a_limit() -> None:
    pauses = list(itertools.islice(module._pauses(), 40))
    assert pauses[:3] == [0.2, 0.4, 0.8]
    assert pauses[-1] == 10


def test_it_works_on_a_broker(embedded_broker: str, fresh: str) -> None:
    """A malformed record between two events, on a topic that nobody has made."""
    stop, clerk, producer = threading.Event(), Clerk(), EventProducer(embedded_broker)
    for number in range(2):
        producer.publish(fresh, events.wrap(EVENT, event_id=f"e{number}", key="one"))
        producer.produce(fresh, key=b"one", value=b"?" * LARGE, headers=[])
    producer.flush()

    def watch() -> None:
        if sum(map(len, clerk.handled)) == 2:
            stop.set()

    options = {"session.timeout.ms": 1500}
    run(
        clerk, read=records.read, brokers=embedded_broker, group=fresh, topics=[fresh], stop=stop,
        on_poll=watch, options=options,
    )  # fmt: skip
    letters = read_all(embedded_broker, f"{fresh}.dlq", 2)
    assert {letter.key() for letter in letters} == {b"one"}
    assert {len(letter.value() or b"") for letter in letters} == {LARGE - 60 * 1024}
    producer.close()
