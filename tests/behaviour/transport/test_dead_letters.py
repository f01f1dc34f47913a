"""What cannot be done ends in the dead letter, whoever finds that out, and can be taken from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bridge.transport import wire
from tests.behaviour.transport.stage import Stage
from tests.kafka_fixtures import Broker

DELIVERIES = 3


@pytest.fixture
def stage_of_three(stage: Stage) -> Stage:
    """A stage where a message is delivered three times at most."""
    stage.configure(max_deliveries=DELIVERIES)
    return stage


def reasons(stage: Stage, count: int) -> list[str]:
    """The reasons of the dead letters, once there are so many."""
    found: list[str] = []

    def are_there() -> bool:
        letters = [dict(wire.headers_of(letter)) for letter in stage.dead_letters()]
        found[:] = [letter["x-reason"].decode() for letter in letters]
        return len(found) >= count

    stage.until(are_there)
    return sorted(found)


def test_a_task_may_give_back_put_aside_or_fail_and_is_replayed(stage_of_three: Stage) -> None:
    stage = stage_of_three
    worker = stage.worker("threads")
    until = stage.folder / "until"
    for how in ("requeue", "reject", "fail"):
        stage.send("refuse", str(stage.notes), how, str(until), how)
    stage.note("after")

    assert reasons(stage, 3) == ["rejected", "rejected", f"requeued after {DELIVERIES} deliveries"]
    assert sorted(stage.noted()) == sorted(["requeue"] * DELIVERIES + ["reject", "fail", "after"])
    stage.until(lambda: sum(stage.committed().values()) == 3 + DELIVERIES)
    worker.terminate()
    worker.wait()

    until.touch()
    stage.conf["task_default_queue"] = f"{stage.queue}.dlq"
    stage.notes.unlink()
    stage.worker("threads")
    stage.until_noted("requeue", "reject", "fail")


def test_a_task_that_kills_its_pool_process_ends_in_the_dead_letter(
    embedded_broker: str, open_stage: Callable[..., Stage]
) -> None:
    """Celery gives such a message back (`task_reject_on_worker_lost`); the broker has no part."""
    broker = Broker(embedded_broker, has_administration=False)
    stage = open_stage(broker, max_deliveries=DELIVERIES)
    stage.worker("prefork", 1)
    stage.send("die", str(stage.notes), "dying")
    assert reasons(stage, 1) == [f"requeued after {DELIVERIES} deliveries"]
    stage.note("after")
    stage.until_noted("after")
    assert stage.noted() == ["dying"] * DELIVERIES + ["after"]


def test_a_task_that_kills_its_workers_ends_and_its_company_runs(stage_of_three: Stage) -> None:
    """In a pool without processes of its own: each time the whole worker dies.

    Once unrecorded, once in company, once alone; the fourth worker puts it aside.
    """
    stage = stage_of_three
    stage.send("die", str(stage.notes), "dying", message_key="one")
    until = [stage.wait(f"slow-{number}", message_key="one") for number in range(2)]
    for _ in range(DELIVERIES):
        assert stage.worker("threads", 4).wait(60) != 0
    stage.worker("threads", 4)
    for path in until:
        path.touch()
    stage.until_noted("slow-0 ended", "slow-1 ended")

    [reason] = reasons(stage, 1)
    assert reason.startswith("2 workers that had started it died one after another, 1 of them")
    assert stage.noted().count("dying") == DELIVERIES
    stage.until(lambda: sum(stage.committed().values()) == 3)
