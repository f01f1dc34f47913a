"""Twenty thousand tasks while everything around them dies and comes back."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError

from bridge.transport import sizes
from tests.behaviour.transport import torture
from tests.behaviour.transport.stage import Stage
from tests.kafka_fixtures import need_kafka
from tests.kafka_server.broker import Kafka

TASKS = 20_000
CHUNK = 250
#: How long tasks are published at least, so that there is something to torment.
PUBLISH_SECONDS = 60.0
DRAIN_SECONDS = 150.0


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """A broker that no other test needs meanwhile."""
    need_kafka()
    folder = tmp_path / "kafka"
    folder.mkdir()
    kafka = Kafka(folder)
    kafka.start()
    yield kafka
    kafka.stop()


@pytest.mark.kafka
@pytest.mark.torture
@pytest.mark.xdist_group("torture")
def test_every_task_runs_whatever_dies(
    own_kafka: Kafka, open_stage: Callable[..., Stage], tmp_path: Path
) -> None:
    """None is lost, and what runs twice is what was not committed when its worker went.

    Workers are killed, ended, frozen and added, the broker is killed and ended, all at random;
    TORTURE_SEED repeats an order of events.
    """
    seed = int(os.environ.get("TORTURE_SEED") or random.randrange(1_000_000))  # noqa: S311 - no secret
    print(f"TORTURE_SEED={seed}")  # noqa: T201 - to repeat it
    stage = open_stage(
        own_kafka.address, "torture", partitions=8, publish_timeout=5,
        commit_interval=torture.COMMIT_SECONDS,
    )  # fmt: skip
    stage.conf["worker_prefetch_multiplier"] = 16
    chaos = torture.Chaos(stage, own_kafka, tmp_path, seed)
    chaos.start()
    try:
        confirmed = publish_all(stage, tmp_path)
    finally:
        chaos.stop()
    assert chaos.failure is None, repr(chaos.failure)
    until_all_ran(confirmed, tmp_path)
    stage.until(lambda: lag(stage) == 0, seconds=60)
    chaos.leave()

    ran = torture.executions(tmp_path)
    reckoning = torture.reckon(ran, chaos.events)
    print(f"{len(ran)} executions of {len(confirmed)} tasks, with seed {seed}")  # noqa: T201 - the outcome
    print(reckoning.table(chaos.events))  # noqa: T201 - the outcome
    assert {each.task for each in ran} >= confirmed
    assert not reckoning.unexplained
    assert len(reckoning.wasted) <= min(reckoning.bound, TASKS // 4)
    logs = "".join(log.read_text() for log in stage.folder.glob("worker-*.log"))
    assert "goes on at the earlier offset" not in logs, "librdkafka brought something twice"
    assert "Unrecoverable error" not in logs


def publish_all(stage: Stage, folder: Path) -> set[str]:
    """Publish chunk by chunk, again under another name where it failed; returns the confirmed."""
    confirmed: set[str] = set()
    began = time.monotonic()
    for first in range(0, TASKS, CHUNK):
        attempt = 0
        while not publish(stage, folder, names := [f"{first + n}.{attempt}" for n in range(CHUNK)]):
            attempt += 1
            assert attempt < 60, "the broker does not come back"
        confirmed.update(names)
        pace = PUBLISH_SECONDS * (first + CHUNK) / TASKS
        # Spread over the time in which things die; all at once would be over before.
        time.sleep(max(began + pace - time.monotonic(), 0))
    return confirmed


def publish(stage: Stage, folder: Path, names: list[str]) -> bool:
    try:
        with stage.app.producer_pool.acquire(block=True) as producer, producer.batch():
            for name in names:
                stage.app.send_task("ran", (str(folder), name), producer=producer)
    except OperationalError:
        return False
    return True


def until_all_ran(confirmed: set[str], folder: Path) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while missing := confirmed - {each.task for each in torture.executions(folder)}:
        assert time.monotonic() < deadline, f"{len(missing)} tasks did not run: {list(missing)[:9]}"
        # Each look reads the notes of all workers.
        time.sleep(0.5)


def lag(stage: Stage) -> int:
    """Messages that the group has not committed as finished."""
    conf = stage.conf
    found = sizes.read(conf["broker_url"], conf["broker_transport_options"], [stage.queue])
    return found[stage.queue].waiting
