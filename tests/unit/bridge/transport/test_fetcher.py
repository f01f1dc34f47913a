"""The thread that fetches: polling, handing over, pausing, errors."""

from __future__ import annotations

import os
import queue
import threading

import pytest
from confluent_kafka import KafkaError, KafkaException, Message

from bridge.transport import completed
from bridge.transport import fetcher as module
from bridge.transport.breather import Breather
from bridge.transport.topics import MissingTopicError
from tests.fakes.fetching import HERE, THERE, Bench
from tests.waiting import wait_until


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
    wait_until(lambda: bench.consumer.subscribed == ["other", "queue", "third"])


def test_partitions_are_paused_and_resumed_only_when_that_changes(bench: Bench) -> None:
    """Both throw away what librdkafka has fetched."""
    bench.settled()
    bench.consumer.changes.clear()
    bench.fetcher.follow(["other"])
    wait_until(lambda: bench.consumer.changes == [("pause", {"queue"})])
    bench.fetcher.follow(["queue"])
    wait_until(lambda: bench.consumer.paused == {"other"})
    assert bench.consumer.changes[1:] == [("pause", {"other"}), ("resume", {"queue"})]


def test_what_was_paused_is_resumed_when_it_comes_back(bench: Bench) -> None:
    bench.fetcher.follow(["other"])
    wait_until(lambda: bench.consumer.paused == {"queue"})
    bench.consumer.withdraw(HERE)
    bench.settled()
    bench.fetcher.follow(["queue", "other"])
    bench.consumer.assign(HERE)
    wait_until(lambda: not bench.consumer.paused)


def test_a_partition_whose_metadata_gets_full_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completed, "MOST_SPAN", 4)
    bench = Bench()
    bench.follow("queue", "other")
    bench.consumer.assign(HERE, THERE)
    for offset in range(4):
        bench.consumer.bring(offset)
    wait_until(lambda: bench.consumer.paused == {"queue"})
    bench.fetcher.finish(bench.take())
    wait_until(lambda: not bench.consumer.paused)
    bench.fetcher.close()


def test_too_many_fetched_messages_pause_the_partitions() -> None:
    bench = Bench(buffer_size=4)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    for offset in range(4):
        bench.consumer.bring(offset)
    wait_until(lambda: bench.consumer.paused)
    bench.take()
    bench.settled()
    assert bench.consumer.paused == {"queue"}, "resumed too soon: it would flutter"

    bench.take()
    bench.take()
    wait_until(lambda: not bench.consumer.paused)
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
    wait_until(bench.consumer.events.empty)
    for offset in range(5, 7):
        bench.consumer.bring(offset)
    wait_until(lambda: len(bench.backlog) == 4)
    assert not bench.consumer.paused

    now[0] = 1.5
    wait_until(lambda: bench.consumer.paused == {"queue"})
    bench.fetcher.close()


def test_a_queue_no_longer_followed_is_paused_and_kept(bench: Bench) -> None:
    bench.consumer.bring(0)
    running = bench.take()
    bench.fetcher.follow(["other"])
    wait_until(lambda: bench.consumer.paused == {"queue"})

    bench.fetcher.finish(running)
    wait_until(lambda: bench.consumer.commits == [{"queue": 1}])
    assert bench.consumer.subscribed == ["other", "queue"]


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
