"""The reader of logs, with a consumer whose every event the test decides."""

import os
import queue
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from bridge.transport import broadcast as module
from bridge.transport.address import Address
from bridge.transport.broadcast import Broadcast
from bridge.transport.logs import Binding
from bridge.transport.options import Creation, Options
from bridge.transport.topics import MissingTopicError
from tests.waiting import wait_until

TOPIC = "log.news"
PLACE = (TOPIC, 0)
ANY = Binding()
UNKNOWN = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)


class ScriptedConsumer:
    """A consumer whose every event the test decides."""

    def __init__(self) -> None:
        self.events: queue.Queue[Message | Callable[[], None]] = queue.Queue()
        self.range = (0, 5)
        #: What asking about topics and ends answers; the last one for ever.
        self.answers: list[KafkaError | None] = [None]
        self.refusal: KafkaException | None = None
        self.assigned: dict[tuple[str, int], int] = {}
        self.assignments = 0
        self.paused = False
        self.closed = False

    def connect(self, config: dict[str, Any]) -> Consumer:
        assert config["auto.offset.reset"] == "error"
        return cast("Consumer", self)

    def list_topics(self, topic: str, timeout: float) -> SimpleNamespace:
        assert timeout > 0
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return SimpleNamespace(topics={topic: SimpleNamespace(error=answer, partitions={0: None})})

    def get_watermark_offsets(
        self, _place: TopicPartition, *, timeout: float, cached: bool
    ) -> tuple[int, int]:
        assert timeout > 0
        assert not cached
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        return self.range

    def assign(self, places: list[TopicPartition]) -> None:
        self.assigned = {(place.topic, place.partition): place.offset for place in places}
        self.assignments += 1

    def pause(self, _places: list[TopicPartition]) -> None:
        self.paused = True

    def resume(self, _places: list[TopicPartition]) -> None:
        self.paused = False

    def bring(self, *offsets: int) -> None:
        for offset in offsets:
            self.events.put(Message(topic=TOPIC, partition=0, offset=offset, value=b""))

    def fail(self, code: int) -> None:
        self.events.put(Message(topic=TOPIC, partition=0, error=KafkaError(code)))

    def poll(self, seconds: float) -> Message | None:
        try:
            event = self.events.get(timeout=min(seconds, 0.01) or None, block=seconds > 0)
        except queue.Empty:
            return None
        if isinstance(event, Message):
            return event
        event()
        return None

    def consume(self, _count: int, _seconds: float) -> list[Message]:
        return []

    def close(self) -> None:
        self.closed = True


class Heard:
    """A reader, its consumer, and how often it said that there is something."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - any option
        self.consumer = ScriptedConsumer()
        self.ready = threading.Event()
        self.reader = Broadcast(
            Options(topic_creation=Creation.AUTO, **options),
            Address("one:1"),
            on_ready=self.ready.set,
            connect=self.consumer.connect,
        )

    def bind(self, queue: str = "q") -> None:
        self.reader.bind(queue, TOPIC, ANY, [TOPIC])

    def offsets(self, queue: str = "q") -> list[int]:
        taken = []
        while item := self.reader.take([queue]):
            taken.append(item[0].offset)
        return taken


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    yield heard
    heard.reader.close()


def test_reading_begins_where_the_log_ended_when_the_queue_was_bound(heard: Heard) -> None:
    heard.bind()
    heard.consumer.range = (0, 9)
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned == {PLACE: 5})
    heard.consumer.bring(5, 6)
    assert heard.ready.wait(10)
    wait_until(lambda: heard.reader._positions.waiting == 2)
    assert heard.reader.has_some()
    assert heard.offsets() == [5, 6]
    assert not heard.reader.has_some()


def test_nothing_is_read_while_nothing_is_consumed(heard: Heard) -> None:
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.reader.follow([])
    wait_until(lambda: not heard.consumer.assigned)


def test_a_reader_at_rest_serves_log_lines(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REST_SECONDS", 0.01)
    served = threading.Event()
    heard.consumer.events.put(served.set)
    heard.reader.follow([])
    assert served.wait(10)


def test_binding_twice_asks_for_the_end_once(heard: Heard) -> None:
    heard.bind()
    heard.consumer.range = (0, 9)
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned == {PLACE: 5})


def test_a_queue_that_is_behind_makes_the_reader_go_back(heard: Heard) -> None:
    heard.bind("early")
    heard.bind("q")
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.bring(5, 6)
    wait_until(lambda: heard.reader._positions.waiting == 2)
    heard.reader.follow(["q", "early"])
    wait_until(lambda: heard.consumer.assignments == 2)
    assert heard.consumer.assigned == {PLACE: 5}
    heard.consumer.bring(5, 6)
    wait_until(lambda: heard.reader._positions.waiting == 4)
    assert heard.offsets("early") == heard.offsets("q") == [5, 6]


def test_a_queue_that_is_ahead_does_not(heard: Heard) -> None:
    heard.bind("q")
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.range = (0, 6)
    heard.bind("late")
    heard.reader.follow(["q", "late"])
    heard.consumer.bring(5, 6)
    wait_until(lambda: heard.reader._positions.waiting == 3)
    assert heard.consumer.assignments == 1


def test_unbinding_and_forgetting_end_what_is_heard(heard: Heard) -> None:
    heard.bind()
    assert heard.reader.has("q")
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.reader.unbind("q", TOPIC, ANY)
    done = threading.Event()
    heard.consumer.bring(5)
    heard.consumer.events.put(done.set)
    assert done.wait(10)
    assert not heard.reader.has_some()
    heard.reader.forget("q")
    assert not heard.reader.has("q")
    wait_until(lambda: not heard.consumer.assigned)


def test_a_full_queue_pauses_until_it_is_half_empty() -> None:
    heard = Heard(buffer_size=4)
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.bring(5, 6, 7, 8)
    wait_until(lambda: heard.consumer.paused)
    for _ in range(3):
        heard.reader.take(["q"])
    wait_until(lambda: not heard.consumer.paused)
    heard.reader.close()


def test_a_new_assignment_is_not_paused() -> None:
    heard = Heard(buffer_size=2)
    heard.bind("q")
    heard.bind("early")
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.bring(5, 6)
    wait_until(lambda: heard.consumer.paused)
    heard.reader.take(["q"])
    heard.reader.take(["q"])
    heard.reader.follow(["q", "early"])
    wait_until(lambda: heard.consumer.assignments == 2 and not heard.consumer.paused)
    heard.reader.close()


def test_what_is_given_back_wakes_the_connection(heard: Heard) -> None:
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.bring(5)
    wait_until(heard.reader.has_some)
    taken = heard.reader.take(["q"])
    assert taken is not None
    heard.ready.clear()
    heard.reader.put_back(*taken)
    assert heard.ready.is_set()
    assert heard.offsets() == [5]


def test_a_log_whose_end_is_not_known_is_asked_for_again(
    heard: Heard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)
    heard.consumer.refusal = KafkaException(KafkaError(KafkaError._TRANSPORT))
    heard.bind()
    assert "Nothing is heard of log.news at one:1 yet" in caplog.text
    heard.consumer.refusal = KafkaException(KafkaError(KafkaError._TRANSPORT))
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned == {PLACE: 5})


def test_a_missing_topic_is_said_and_asked_for_again(
    heard: Heard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)
    outcomes: list[Exception] = [MissingTopicError("no topic"), MissingTopicError("no topic")]

    def ensure(_names: object) -> None:
        if outcomes:
            raise outcomes.pop()

    monkeypatch.setattr(heard.reader._topics, "ensure", ensure)
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    assert "Nothing is heard of log.news yet: no topic" in caplog.text


def test_a_topic_that_the_broker_is_making_is_waited_for(heard: Heard) -> None:
    heard.consumer.answers = [UNKNOWN, UNKNOWN, None]
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)


def test_a_topic_that_the_broker_does_not_make_is_said(
    heard: Heard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_ANSWER_SECONDS", 0.01)
    heard.consumer.answers = [UNKNOWN]
    heard.bind()
    assert "Nothing is heard of log.news at one:1 yet: " in caplog.text


def test_an_error_that_passes_is_only_said(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.fail(KafkaError.UNKNOWN_TOPIC_OR_PART)
    heard.consumer.bring(5)
    wait_until(heard.reader.has_some)
    assert "Kafka at one:1: " in caplog.text
    assert heard.consumer.assignments == 1


def test_messages_that_expired_unread_are_skipped_and_counted(
    heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.range = (8, 20)
    heard.consumer.fail(KafkaError._AUTO_OFFSET_RESET)
    wait_until(lambda: heard.consumer.assigned == {PLACE: 8})
    assert "log.news: 3 messages expired before they were read" in caplog.text


def test_a_log_that_was_begun_anew_is_read_from_its_end(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that was obeyed is not heard a second time; the broker may answer late."""
    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)
    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.range = (0, 2)
    heard.consumer.refusal = KafkaException(KafkaError(KafkaError._TIMED_OUT))
    heard.consumer.fail(KafkaError._AUTO_OFFSET_RESET)
    wait_until(lambda: heard.consumer.assignments == 2)
    heard.consumer.fail(KafkaError._AUTO_OFFSET_RESET)
    wait_until(lambda: heard.consumer.assigned == {PLACE: 2})


def test_a_record_of_a_log_that_is_left_changes_nothing(heard: Heard) -> None:
    """It was fetched before the new assignment."""
    assert not heard.reader._keep(Message(topic=TOPIC, partition=0, offset=1, value=b""))


def test_the_end_of_the_thread_is_told(heard: Heard) -> None:
    def explode() -> None:
        raise RuntimeError("gone")

    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.events.put(explode)
    assert heard.ready.wait(10)
    assert str(heard.reader.failure) == "gone"


def test_nobody_waits_for_a_thread_that_has_ended(heard: Heard) -> None:
    """It ends while the end of a log is asked for."""
    began, go = threading.Event(), threading.Event()

    def explode() -> None:
        began.set()
        assert go.wait(10)
        raise RuntimeError("gone")

    heard.bind()
    heard.reader.follow(["q"])
    wait_until(lambda: heard.consumer.assigned)
    heard.consumer.events.put(explode)
    assert began.wait(10)
    binding = threading.Thread(
        target=heard.reader.bind, args=("other", "log.other", ANY, ["log.other"])
    )
    binding.start()
    wait_until(lambda: heard.reader._asked)
    go.set()
    binding.join(10)
    assert not binding.is_alive()


def test_closing_ends_the_thread_and_the_consumer(heard: Heard) -> None:
    heard.reader.close()
    assert heard.consumer.closed
    assert not heard.reader._thread.is_alive()
    assert heard.reader not in module._living


def test_a_forked_child_leaves_its_parents_consumer_alone(heard: Heard) -> None:
    heard.bind()
    heard.reader._process = os.getpid() + 1
    heard.reader.follow(["q"])
    heard.reader.forget("q")
    heard.reader.close()
    assert heard.reader.has("q")
    assert not heard.consumer.closed
    heard.reader._process = os.getpid()
