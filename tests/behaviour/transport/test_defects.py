"""The defects of kombu's `confluentkafka` transport, each with the test that ours has not got it.

In the order of what hurts most. Measured on kombu 5.7 with Celery 5.7.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from bridge.transport.transport import Transport
from tests.behaviour.transport.stage import Stage, pause, publisher
from tests.kafka_fixtures import Broker
from tests.kafka_server.broker import Kafka, free_ports

PATIENCE = 20.0


def test_an_acknowledgement_does_not_commit_what_still_runs(stage: Stage) -> None:
    """It committed the position: after a kill all that ran or was prefetched was lost.

    Here all is in one partition, whose committed offset the running task holds; what has finished
    behind it is not repeated either.
    """
    first = stage.worker("threads", 4)
    until = stage.wait("slow", message_key="one")
    stage.until_noted("slow began")
    quick = [f"quick-{number}" for number in range(5)]
    for text in quick:
        stage.note(text, message_key="one")
    stage.until(lambda: stage.completed() == len(quick))
    assert sum(stage.committed().values()) == 0
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    until.touch()
    stage.worker("threads", 4)
    stage.until(lambda: sum(stage.committed().values()) == len(quick) + 1)

    assert sorted(stage.noted()) == [*quick, "slow began", "slow began", "slow ended"]


def test_what_is_prefetched_is_not_lost_with_its_worker(stage: Stage) -> None:
    stage.conf["worker_prefetch_multiplier"] = 4
    first = stage.ready_worker("threads", 1)
    until = stage.wait("held", message_key="one")
    stage.until_noted("held began")
    waiting = [f"waiting-{number}" for number in range(5)]
    for text in waiting:
        stage.note(text, message_key="one")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()

    until.touch()
    stage.worker("threads", 1)
    stage.until_noted("held ended", *waiting)


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_publishing_threads_do_not_wait_for_each_others_confirmation(
    kafka_server: Kafka, real_stage: Stage
) -> None:
    """It flushed after every message. The embedded broker cannot be frozen for itself."""
    real_stage.note("first")
    connection = real_stage.app.pool.acquire(block=True)
    shared = connection.transport._publishers.get()
    with kafka_server.frozen():
        threads = [threading.Thread(target=real_stage.note, args=[str(n)]) for n in range(8)]
        for thread in threads:
            thread.start()
        real_stage.until(lambda: len(shared._producer) == len(threads))
    for thread in threads:
        thread.join()
    connection.release()
    real_stage.worker("threads")
    real_stage.until_noted("first", *map(str, range(8)))


def test_a_task_does_not_wait_for_the_turns_of_idle_queues(
    broker: Broker, open_stage: Callable[..., Stage]
) -> None:
    """With several idle queues, asked in turns, a task waited for up to seven seconds."""
    stages = {"one": 1, "many": 20}
    waits: dict[str, list[float]] = {name: [] for name in stages}
    running = []
    for name, count in stages.items():
        stage = open_stage(broker, name)
        queues = [f"{stage.queue}-{number}" for number in range(count)]
        stage.ready_worker("threads", 2, "-Q", ",".join(queues))
        for queue in queues:
            stage.note(f"first {queue}", queue=queue)
        stage.until_noted(*(f"first {queue}" for queue in queues))
        running.append((name, stage, queues[-1]))
    for number in range(9):
        for name, stage, queue in running:
            waits[name].append(seconds_until_noted(stage, str(number), queue))

    of_one, of_many = sorted(waits["one"])[4], sorted(waits["many"])[4]
    assert of_many < max(0.1, 10 * of_one), waits


def seconds_until_noted(stage: Stage, text: str, queue: str) -> float:
    began = time.monotonic()
    stage.note(text, queue=queue)
    while text not in stage.noted():
        assert time.monotonic() < began + PATIENCE
        # A file says it, and a latency is measured: looked at often.
        time.sleep(0.001)
    return time.monotonic() - began


def test_inspect_ping_finds_every_node(stage: Stage) -> None:
    """There was no fanout: no node was found, and Flower saw no event."""
    for number in range(2):
        stage.ready_worker("threads", 1, "-n", f"node-{number}@{stage.queue}")
    nodes = {f"node-{number}@{stage.queue}" for number in range(2)}
    stage.until(lambda: set(stage.app.control.inspect(timeout=2).ping() or {}) == nodes)


def test_a_message_that_is_given_back_does_not_repeat_others(stage: Stage) -> None:
    """It sought back to the message, and all behind it ran twice."""
    stage.worker("threads", 1)
    never = str(stage.folder / "never")
    stage.send("refuse", str(stage.notes), "given back", never, "requeue", message_key="one")
    for number in range(5):
        stage.note(str(number), message_key="one")
    stage.until(lambda: stage.noted().count("given back") > 1)
    stage.until_noted(*map(str, range(5)))
    stage.until(stage.dead_letters)
    assert sorted(text for text in stage.noted() if text != "given back") == list("01234")


def test_a_task_longer_than_the_poll_interval_runs_once(
    broker: Broker, open_stage: Callable[..., Stage]
) -> None:
    """Its worker left the group, and the task ran again and again.

    In every kind of pool: polling and the membership do not depend on what the worker does.
    """
    limits = {"session_timeout": 1.5, "kafka_consumer": {"max.poll.interval.ms": 2000}}
    stages = []
    for pool in ("solo", "threads", "prefork"):
        stage = open_stage(broker, pool, revoke_grace=1, **limits)
        stage.worker(pool, 1)
        stage.wait("long")
        stages.append(stage)
    for stage in stages:
        stage.until_noted("long began")
    pause(5)
    for stage in stages:
        (stage.folder / "until-long").touch()
        stage.note("after")
    for stage in stages:
        stage.until_noted("after")
        assert stage.noted() == ["long began", "long ended", "after"]


def test_a_failed_publish_is_not_silent() -> None:
    """It returned as if all were well.

    Nothing listens on the port; the limit is two seconds, with one more for librdkafka.
    """
    [port] = free_ports(1)
    app = publisher(
        {
            "broker_url": f"kafka://127.0.0.1:{port}",
            "broker_transport_options": {"publish_timeout": 2, "topic_creation": "auto"},
        }
    )
    began = time.monotonic()
    with pytest.raises(OperationalError, match=f"127.0.0.1:{port} did not take a message"):
        app.send_task("note", ("a", "b"), queue="any")

    assert time.monotonic() - began < 3.5
    app.close()


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_publish_to_a_frozen_broker_is_not_silent(kafka_server: Kafka, fresh: str) -> None:
    app = publisher(
        {
            "broker_url": f"kafka://{kafka_server.address}",
            "broker_transport_options": {"publish_timeout": 2},
        }
    )
    app.send_task("note", ("a", "b"), queue=fresh)

    with kafka_server.frozen(), pytest.raises(OperationalError, match="did not take a message"):
        app.send_task("note", ("a", "b"), queue=fresh)

    app.send_task("note", ("a", "b"), queue=fresh)
    app.close()


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_several_brokers_in_the_url_do_not_crash_it(
    kafka: str, open_stage: Callable[..., Stage]
) -> None:
    """The first one is away. The embedded broker is one."""
    [port] = free_ports(1)
    stage = open_stage(f"127.0.0.1:{port},{kafka}")
    stage.worker("threads")
    stage.note("done")
    stage.until_noted("done")


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_worker_comes_back_after_a_restart_of_its_broker(
    kafka_server: Kafka, open_stage: Callable[..., Stage]
) -> None:
    stage = open_stage(kafka_server.address)
    stage.worker("threads")
    stage.note("before")
    stage.until_noted("before")
    kafka_server.stop()
    kafka_server.start()
    stage.note("after")
    stage.until_noted("after")


def test_connections_share_no_state_on_the_class(embedded_broker: str, fresh: str) -> None:
    """Consumers, producers and offsets were kept on the class, for all connections of a process."""
    before = {kind: dict(vars(kind)) for kind in Transport.mro()[:-1]}
    options = {"topic_creation": "auto", "session_timeout": 1.5}
    lines = []
    for number in range(2):
        name = f"{fresh}-{number}"
        connection = Connection(
            f"kafka://{embedded_broker}",
            transport_options={**options, "group_id": name, "client_id": name},
        )
        lines.append((connection, connection.SimpleQueue(name)))
    for number, (_, queue) in enumerate(lines):
        queue.put(f"for {number}")
    for number, (connection, queue) in enumerate(lines):
        message = queue.get(timeout=20)
        assert message.payload == f"for {number}"
        message.ack()
        assert connection.transport.options.client_id == f"{fresh}-{number}"
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.3)
    for connection, queue in lines:
        queue.close()
        connection.close()
    assert {kind: dict(vars(kind)) for kind in Transport.mro()[:-1]} == before
