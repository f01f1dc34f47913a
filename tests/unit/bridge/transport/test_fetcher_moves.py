"""What the fetcher does when partitions come and go."""

from __future__ import annotations

import threading
from collections.abc import Collection

import pytest
from confluent_kafka import KafkaError, TopicPartition

from bridge.transport import completed
from bridge.transport.ledger import Commit, Place
from tests.fakes.fetching import HERE, THERE, Bench
from tests.waiting import wait_until


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
    wait_until(lambda: bench.consumer.commits == [{"queue": 5}])


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
    wait_until(lambda: bench.consumer.paused == {"queue"})
    asked = bench.consumer.asked
    wait_until(lambda: bench.consumer.asked > asked + 1)
    assert "does not say what is finished" in caplog.text
    assert not bench.backlog

    bench.consumer.stored = [TopicPartition("queue", 0, 4, completed.encode(4, [5]))]
    bench.consumer.silence = None
    assert bench.take().offset == 4
    wait_until(lambda: not bench.consumer.paused)
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
    wait_until(lambda: len(bench.backlog) == 1)
    bench.consumer.bring(3)
    bench.settled()
    new = bench.take()
    assert new.offset == 3
    assert not bench.backlog
    wait_until(lambda: bench.consumer.commits == [{"queue": 3}])
    bench.fetcher.finish(old)
    bench.settled()
    assert len(bench.consumer.commits) == 1
    bench.fetcher.finish(new)
    wait_until(lambda: bench.consumer.commits[1:] == [{"queue": 4}])
    assert "goes on at the earlier offset 3" in caplog.text


def test_what_is_finished_is_committed_before_a_partition_goes() -> None:
    bench = Bench(commit_interval=1000)
    bench.follow("queue")
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    bench.fetcher.finish(bench.take())
    bench.consumer.withdraw(HERE)
    wait_until(lambda: bench.consumer.commits == [{"queue": 1}])
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
    wait_until(lambda: not bench.backlog)
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
    wait_until(lambda: bench.consumer.commits == [{"queue": 1}])


def test_messages_of_lost_partitions_are_dropped_and_nothing_is_committed(bench: Bench) -> None:
    bench.consumer.bring(0)
    bench.fetcher.finish(bench.take())
    bench.consumer.refusal = KafkaError(KafkaError.UNKNOWN_MEMBER_ID)
    bench.consumer.bring(1)
    bench.consumer.withdraw(HERE, how="on_lost")
    bench.consumer.bring(2)
    bench.settled()

    assert not bench.backlog
