"""Delayed tasks wait in Kafka: on time, in nobody's way, whoever dies."""

from __future__ import annotations

import os
import signal
import time
from datetime import UTC, datetime

import pytest

from tests.behaviour.transport.stage import Stage


@pytest.fixture
def delays(stage: Stage) -> Stage:
    """A stage with delays of its own."""
    stage.configure(topic_prefix=f"{stage.queue}-")
    return stage


def moments(stage: Stage) -> dict[str, float]:
    """When each task of `when` ran."""
    return {text: float(when) for text, when in (line.split() for line in stage.noted())}


def test_delayed_tasks_run_on_time_and_in_their_order(delays: Stage) -> None:
    """One after another is due; none is early, and none much later than the one before."""
    delays.worker("threads", 4)
    # Until it connects a publisher takes its time, and so does a worker that starts.
    delays.note("begins")
    delays.until_noted("begins")
    delays.notes.unlink()
    began = time.time()
    # The first use makes topics, which takes some more.
    due = {str(seconds): began + seconds for seconds in (6, 5, 4)}
    for text, moment in due.items():
        delays.send("when", str(delays.notes), text, eta=datetime.fromtimestamp(moment, UTC))

    delays.until(lambda: len(delays.noted()) == len(due))
    late = {text: moments(delays)[text] - moment for text, moment in due.items()}
    assert list(moments(delays)) == ["4", "5", "6"]
    assert min(late.values()) >= 0
    assert min(late.values()) < 1, late


def test_a_delayed_task_holds_neither_a_slot_nor_its_partition(delays: Stage) -> None:
    delays.worker("threads", 1)
    delays.note("far", countdown=60, message_key="one")
    for number in range(10):
        delays.note(str(number), message_key="one")
    delays.until(lambda: sum(delays.committed().values()) == 10)

    assert delays.noted() == [str(number) for number in range(10)]


def test_tasks_delayed_by_a_worker_that_dies_are_moved_by_another(delays: Stage) -> None:
    """Killed while it is due next, stopped in order while others are."""
    first = delays.worker("threads")
    for number in range(50):
        delays.note(str(number), countdown=4)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    delays.worker("threads")

    delays.until_noted(*map(str, range(50)))


def test_a_retry_waits_in_kafka_too(delays: Stage) -> None:
    delays.worker("threads", 1)
    delays.send("fail once", str(delays.notes), countdown=None)
    delays.until_noted("failed")
    delays.note("meanwhile")
    delays.until(lambda: sum(delays.committed().values()) == 2)
    delays.until_noted("succeeded")

    assert delays.noted() == ["failed", "meanwhile", "succeeded"]


def test_thousands_of_delayed_tasks_all_run(delays: Stage) -> None:
    many = 2000
    with delays.app.producer_pool.acquire(block=True) as producer, producer.batch():
        for number in range(many):
            delays.note(str(number), countdown=2.5, producer=producer)
    delays.worker("threads", 4)

    delays.until(lambda: len(delays.noted()) >= many)
    assert sorted(map(int, set(delays.noted()))) == list(range(many))
