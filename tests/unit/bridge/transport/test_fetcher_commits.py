"""What the fetcher commits, when, and what it says of those that died."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, Message, TopicPartition

from bridge.transport import completed, marks, watch
from bridge.transport import fetcher as module
from bridge.transport.ledger import Delivery
from bridge.transport.watch import Watch
from tests.fakes.fetching import HERE, THERE, Bench
from tests.waiting import wait_until


def test_only_the_finished_prefix_is_committed(bench: Bench) -> None:
    for offset in range(3):
        bench.consumer.bring(offset)
    first, second, _ = (bench.take() for _ in range(3))

    bench.fetcher.finish(second)
    wait_until(lambda: bench.consumer.commits == [{"queue": 0}])
    assert bench.consumer.beyond == {"queue": {1}}
    bench.fetcher.finish(first)
    wait_until(lambda: bench.consumer.commits[1:] == [{"queue": 2}])
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
    wait_until(lambda: bench.consumer.commits == [{"queue": 7, "other": 9}])
    assert bench.consumer.questions_closed
    bench.consumer.bring(8)
    bench.fetcher.finish(bench.take())
    wait_until(lambda: bench.consumer.commits[-1] == {"queue": 9})
    bench.fetcher.close()


def test_a_broker_that_takes_little_metadata_gets_none(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.consumer.refusal = KafkaError(KafkaError.OFFSET_METADATA_TOO_LARGE)
    for offset in range(4):
        bench.consumer.bring(offset)
    taken = [bench.take() for _ in range(4)]
    bench.fetcher.finish(taken[2])
    wait_until(lambda: "raise offset.metadata.max.bytes" in caplog.text)
    bench.consumer.refusal = None
    bench.fetcher.finish(taken[0])
    wait_until(lambda: bench.consumer.commits == [{"queue": 1}])
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
    wait_until(lambda: bench.consumer.refused > 1)
    bench.consumer.refusal = None

    wait_until(lambda: bench.consumer.commits == [{"queue": 1}])


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
    wait_until(lambda: bench.consumer.refused > 1)
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
    wait_until(lambda: bench.consumer.commits == [{"queue": 3}])
    assert marks.decode(bench.consumer.metadata["queue"]).is_owned
    assert bench.consumer.beyond == {"queue": {4}}
    bench.consumer.bring(3)
    bench.take()
    bench.consumer.withdraw(HERE)
    wait_until(lambda: len(bench.consumer.commits) == 2)
    assert not marks.decode(bench.consumer.metadata["queue"]).is_owned
    bench.fetcher.close()


def test_a_first_message_waits_for_the_mark_and_whoever_waits_for_it_is_woken() -> None:
    """At once, however rarely commits are made else."""
    bench, _ = watched(commit_interval=1000)
    bench.consumer.assign(HERE)
    bench.consumer.bring(0)
    wait_until(bench.ready.is_set)
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
    wait_until(lambda: bench.consumer.commits[-1:] == [{"queue": 0}])
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
    wait_until(lambda: bench.consumer.paused == {"queue"})
    bench.fetcher.finish(suspect)
    wait_until(lambda: not bench.consumer.paused)
    bench.fetcher.close()
