"""Workers and brokers that come, go, freeze and die, one worker at a time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.behaviour.transport.stage import SESSION_SECONDS, Stage, key_of, pause
from tests.kafka_fixtures import Broker, embedded
from tests.kafka_server.broker import Kafka
from tests.kafka_server.cable import Cable

PATIENCE = 20.0


def test_a_second_worker_takes_over_within_the_session_timeout(stage: Stage) -> None:
    first = stage.ready_worker("threads", 4)
    held = [stage.wait(f"held-{part}", message_key=key_of(part)) for part in range(4)]
    names = [f"held-{part}" for part in range(4)]
    stage.until_noted(*(f"{name} began" for name in names))
    os.kill(first.pid, signal.SIGKILL)
    killed = time.monotonic()
    stage.worker("threads", 4)

    stage.until(lambda: stage.began(*names) == 8)
    took = time.monotonic() - killed
    for until in held:
        until.touch()
    stage.until(lambda: sum(stage.committed().values()) == 4)
    # A worker needs some of the time to start, on a slow machine more of it.
    assert took < SESSION_SECONDS + 10


def test_a_worker_ends_soon_though_its_broker_is_gone(
    open_stage: Callable[..., Stage], tmp_path: Path
) -> None:
    """Service managers kill what has not ended within half a minute; it can commit nothing."""
    with embedded(tmp_path) as address:
        stage = open_stage(Broker(address, has_administration=False))
        worker = stage.ready_worker("threads")
        stage.note("before")
        stage.until_noted("before")
    worker.terminate()

    assert worker.wait(25) == 0


def test_running_tasks_get_their_grace_when_partitions_move(
    broker: Broker, open_stage: Callable[..., Stage]
) -> None:
    """They end and are committed before another worker gets their partition: nothing runs twice."""
    stage = open_stage(broker, revoke_grace=PATIENCE)
    stage.ready_worker("threads", 4)
    names = [f"held-{part}" for part in range(4)]
    held = [stage.wait(name, message_key=key_of(part)) for part, name in enumerate(names)]
    stage.until_noted(*(f"{name} began" for name in names))
    stage.ready_worker("threads", 4)
    pause(2)
    assert stage.began(*names) == 4
    for until in held:
        until.touch()
    stage.until(lambda: sum(stage.committed().values()) == 4)

    for part in range(4):
        stage.note(f"after-{part}", message_key=key_of(part))
    stage.until_noted(*(f"after-{part}" for part in range(4)))
    assert stage.began(*names) == 4


def test_partitions_that_stay_do_not_notice_a_rebalance(
    broker: Broker, open_stage: Callable[..., Stage]
) -> None:
    """Two of four move; the tasks of the others run on, are not repeated, and their end counts."""
    stage = open_stage(broker, revoke_grace=0)
    stage.ready_worker("threads", 4)
    names = [f"held-{part}" for part in range(4)]
    held = [stage.wait(name, message_key=key_of(part)) for part, name in enumerate(names)]
    stage.until_noted(*(f"{name} began" for name in names))
    stage.ready_worker("threads", 4)

    stage.until(lambda: stage.began(*names) == 6)
    for until in held:
        until.touch()
    stage.until(lambda: sum(stage.committed().values()) == 4)
    assert stage.began(*names) == 6


def test_a_late_acknowledgement_commits_nothing(stage: Stage) -> None:
    """The first worker stands still until its task has moved on, and then ends it."""
    first = stage.ready_worker("threads", 1)
    stage.wait("held")
    stage.until_noted("held began")
    first.send_signal(signal.SIGSTOP)
    stage.ready_worker("threads", 1)
    stage.until(lambda: stage.began("held") == 2)
    second_until = stage.folder / "until-held"
    first.send_signal(signal.SIGCONT)
    second_until.touch()
    stage.until(lambda: stage.noted().count("held ended") == 2)
    stage.until(lambda: sum(stage.committed().values()) == 1)
    stage.note("after")
    stage.until_noted("after")


def test_exactly_as_many_messages_are_out_as_prefetch_allows(stage: Stage) -> None:
    stage.conf["worker_prefetch_multiplier"] = 2
    stage.worker("threads", 2)
    for number in range(8):
        stage.wait(f"held-{number}", headers={"note_received": True})

    def count(what: str) -> int:
        return sum(text.endswith(what) for text in stage.noted())

    stage.until(lambda: count("received") == 4)
    pause(1)
    assert count("received") == 4
    for ended in range(1, 5):
        stage.until(lambda: count("began") == ended + 1)  # noqa: B023 - called at once
        running = {text.split()[0] for text in stage.noted() if text.endswith("began")}
        over = {text.split()[0] for text in stage.noted() if text.endswith("ended")}
        (stage.folder / f"until-{min(running - over)}").touch()
        stage.until(lambda: count("received") == 4 + ended)  # noqa: B023 - called at once
    pause(0.5)
    assert count("received") == 8
    for number in range(8):
        (stage.folder / f"until-held-{number}").touch()
    stage.until(lambda: sum(stage.committed().values()) == 8)


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_after_sigterm_another_worker_takes_over_at_once(
    kafka: str, open_stage: Callable[..., Stage]
) -> None:
    """The embedded broker misses a member that has left for its session timeout."""
    stage = open_stage(kafka, session_timeout=60)
    leaving = stage.ready_worker("prefork", 2)
    stage.ready_worker("prefork", 2)
    for number in range(20):
        stage.note(f"before-{number}")
    stage.until_noted(*(f"before-{number}" for number in range(20)))

    leaving.terminate()
    assert leaving.wait(30) == 0
    for part in range(4):
        stage.note(f"after-{part}", message_key=key_of(part))
    stage.until_noted(*(f"after-{part}" for part in range(4)))
    assert len(stage.noted()) == 24


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_worker_whose_broker_is_away_at_start_begins_when_it_comes(
    kafka_server: Kafka, open_stage: Callable[..., Stage]
) -> None:
    """The embedded broker comes back on another port."""
    stage = open_stage(kafka_server.address)
    kafka_server.stop()
    worker = stage.worker("threads")
    stage.until(lambda: "trying again" in stage.log(worker))
    kafka_server.start()
    stage.note("came")
    stage.until_noted("came")


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_broker_killed_while_tasks_flow_loses_nothing(
    kafka_server: Kafka, real_stage: Stage
) -> None:
    """The embedded broker forgets everything when it dies."""
    real_stage.ready_worker("threads")
    for number in range(200):
        real_stage.note(str(number))
    real_stage.until(lambda: len(real_stage.noted()) > 20)
    kafka_server.stop(signal.SIGKILL)
    kafka_server.start()
    real_stage.note("after")
    real_stage.until_noted("after", *map(str, range(200)))


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_broker_frozen_for_longer_than_the_session_loses_nothing(
    kafka_server: Kafka, real_stage: Stage
) -> None:
    """The embedded broker could be frozen too; what a frozen coordinator then does is Kafka's."""
    real_stage.ready_worker("threads")
    until = real_stage.wait("held")
    real_stage.until_noted("held began")
    with kafka_server.frozen():
        pause(SESSION_SECONDS * 2)
        until.touch()
        real_stage.until_noted("held ended")
    real_stage.note("after")
    real_stage.until_noted("after")
    real_stage.until(lambda: sum(real_stage.committed().values()) == 2)


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_worker_goes_on_after_its_cable_was_pulled(
    cable: Cable, open_stage: Callable[..., Stage]
) -> None:
    """For longer than its session; the embedded broker's own address would lead past the cable."""
    stage = open_stage(cable.address)
    stage.ready_worker("threads")
    until = stage.wait("held")
    stage.until_noted("held began")
    with cable.pulled():
        pause(SESSION_SECONDS * 2)
        until.touch()
        stage.until_noted("held ended")
    stage.note("after")
    stage.until_noted("after")
    stage.until(lambda: sum(stage.committed().values()) == 2)
