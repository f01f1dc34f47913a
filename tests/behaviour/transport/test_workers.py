"""The promises of the transport's README, each with real workers."""

from __future__ import annotations

import os
import signal
import time

import pytest
from confluent_kafka import Producer

from tests.behaviour.transport.stage import Stage


@pytest.mark.parametrize("pool", ["prefork", "threads", "solo"])
def test_a_task_runs_once_in_every_kind_of_pool(stage: Stage, pool: str) -> None:
    stage.worker(pool)
    for number in range(20):
        stage.note(str(number), message_key=str(number))

    stage.until(lambda: sum(stage.committed().values()) == 20)

    assert sorted(stage.noted(), key=int) == [str(number) for number in range(20)]


def test_a_worker_killed_in_the_middle_loses_nothing(stage: Stage) -> None:
    first = stage.worker("threads", 4)
    held = [stage.wait(f"held-{number}", message_key="one") for number in range(4)]
    stage.until_noted(*(f"held-{number} began" for number in range(4)))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    for until in held:
        until.touch()
    stage.worker("threads", 4)

    stage.until_noted(*(f"held-{number} ended" for number in range(4)))


def test_workers_that_come_and_go_share_the_work(stage: Stage) -> None:
    """Partitions move twice while tasks keep coming, and none is lost."""
    first = stage.worker("threads")
    sent = 0
    for change in (lambda: None, lambda: stage.worker("threads"), first.terminate):
        change()
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            stage.note(str(sent))
            sent += 1
            stage.until(lambda: len(stage.noted()) > sent - 20)  # noqa: B023 - called at once

    stage.until(lambda: len(set(stage.noted())) == sent)
    assert first.wait(30) == 0


def test_what_is_acknowledged_out_of_order_is_committed_in_order(stage: Stage) -> None:
    stage.worker("threads", 4)
    until = stage.wait("slow", message_key="one")
    stage.until_noted("slow began")
    stage.note("quick", message_key="one")
    stage.until_noted("quick")
    stage.note("quicker", message_key="one")
    stage.until_noted("quicker")

    assert sum(stage.committed().values()) == 0
    until.touch()
    stage.until_noted("slow ended")
    stage.until(lambda: sum(stage.committed().values()) == 3)


def test_an_undecodable_message_is_put_aside_and_work_goes_on(stage: Stage) -> None:
    stage.worker("threads")
    stage.note("before")
    stage.until_noted("before")
    producer = Producer({"bootstrap.servers": stage.broker.address})
    producer.produce(stage.queue, b"no task", headers={"origin": b"elsewhere"})
    assert producer.flush(10) == 0
    stage.send("note", "a", "b", serializer="yaml")
    stage.send("no such task")
    stage.note("after")

    stage.until_noted("after")
    stage.until(lambda: sum(stage.committed().values()) == 5)

    letters = [dict(letter.headers() or []) for letter in stage.dead_letters()]
    assert len(letters) == 3
    assert {letter["x-origin-topic"] for letter in letters} == {stage.queue.encode()}
    assert any("not published by kombu" in str(letter["x-reason"]) for letter in letters)


def test_sigterm_finishes_the_running_task_and_commits_it(stage: Stage) -> None:
    worker = stage.worker("prefork", 1)
    until = stage.wait("last")
    stage.until_noted("last began")
    worker.terminate()
    until.touch()

    assert worker.wait(30) == 0
    assert stage.noted() == ["last began", "last ended"]
    assert sum(stage.committed().values()) == 1
