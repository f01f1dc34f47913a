"""The broker's own group protocol (KIP-848) as an option, with real workers on both brokers.

The embedded broker assigns by range and misses a member after 30 seconds; a killed worker is
therefore waited for on the real one only.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest
from confluent_kafka.admin import AdminClient

from tests.behaviour.transport.stage import Stage


def with_the_brokers_protocol(stage: Stage) -> Stage:
    del stage.conf["broker_transport_options"]["session_timeout"]
    stage.configure(group_protocol="consumer")
    return stage


@pytest.fixture
def stage(stage: Stage) -> Stage:
    return with_the_brokers_protocol(stage)


def test_tasks_run_once_and_are_committed(stage: Stage) -> None:
    worker = stage.worker("threads")
    for number in range(20):
        stage.note(str(number), message_key=str(number))

    stage.until(lambda: sum(stage.committed().values()) == 20)
    assert sorted(stage.noted(), key=int) == [str(number) for number in range(20)]
    worker.terminate()
    assert worker.wait(30) == 0


def test_the_group_is_one_of_the_new_protocol(stage: Stage) -> None:
    """The embedded broker does not describe groups; there the worker itself shows that it works."""
    stage.worker("threads")
    stage.note("done")
    stage.until_noted("done")
    if stage.broker.has_administration:
        admin = AdminClient({"bootstrap.servers": stage.broker.address})
        group = admin.describe_consumer_groups([stage.queue], request_timeout=20)
        assert group[stage.queue].result().type.name == "CONSUMER"


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_what_a_killed_worker_had_is_delivered_again(
    kafka: str, open_stage: Callable[..., Stage]
) -> None:
    """The embedded broker would take 30 seconds to miss it."""
    stage = with_the_brokers_protocol(open_stage(kafka))
    first = stage.worker("threads", 2)
    until = stage.wait("held", message_key="one")
    stage.until_noted("held began")
    stage.note("quick", message_key="one")
    stage.until(lambda: stage.completed() == 1)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    until.touch()
    stage.worker("threads", 2)
    stage.until_noted("held ended")
    assert stage.noted().count("quick") == 1
