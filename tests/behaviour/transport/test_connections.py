"""Connections come and go without a trace, and none crosses a fork."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from billiard import Process
from kombu import Connection
from kombu.exceptions import OperationalError

import bridge.transport
from tests.kafka_fixtures import Broker

LIGHT_CYCLES = 1000
HEAVY_CYCLES = 5


def connection(broker: Broker, name: str, **options: object) -> Connection:
    bridge.transport.register()
    return Connection(
        f"kafka://{broker.address}",
        transport_options={
            "topic_creation": broker.topic_creation,
            "group_id": name,
            "client_id": name,
            "session_timeout": 1,
            "commit_interval": 0.05,
            **options,
        },
    )


def held() -> dict[str, int]:
    """What this process holds of the system: descriptors, threads of all kinds, Python's own."""
    gc.collect()
    return {
        "descriptors": _entries("/proc/self/fd"),
        "threads": _entries("/proc/self/task"),
        "python threads": threading.active_count(),
    }


def _entries(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def settled(before: dict[str, int]) -> dict[str, int]:
    """What is held once it is no more than before, or after a while: threads end by themselves."""
    deadline = time.monotonic() + 15
    while any(now > before[kind] for kind, now in held().items()):
        if time.monotonic() > deadline:
            break
        threading.Event().wait(0.1)
    return held()


def publish(broker: Broker, name: str) -> None:
    with connection(broker, name) as conn:
        conn.Producer().publish("x", routing_key=name)


def publish_and_consume(broker: Broker, name: str) -> None:
    """All that a worker's connection makes, also a question about the queue."""
    with connection(broker, name) as conn:
        queue = conn.SimpleQueue(name)
        queue.put("x")
        queue.get(timeout=30).ack()
        queue.qsize()
        queue.close()


@pytest.mark.parametrize(
    ("cycle", "count", "limit"),
    [(publish, LIGHT_CYCLES, 60.0), (publish_and_consume, HEAVY_CYCLES, 120.0)],
)
def test_connections_leave_no_thread_and_no_descriptor(
    broker: Broker,
    fresh: str,
    cycle: Callable[[Broker, str], None],
    count: int,
    limit: float,
) -> None:
    """The process keeps one producer for all of them, which the first cycles make."""
    for _ in range(2):
        cycle(broker, fresh)
    before = held()
    began = time.monotonic()
    for _ in range(count):
        cycle(broker, fresh)
    took = time.monotonic() - began

    # Clients of other tests in this process connect again meanwhile; a leak is one for each cycle.
    after = settled(before)
    assert all(after[kind] - before[kind] < count for kind in before), (before, after)
    assert took < limit


def test_connections_to_a_broker_that_is_away_leave_nothing_behind(fresh: str) -> None:
    broker = Broker("127.0.0.1:1", has_administration=False)

    def cycle() -> None:
        with connection(broker, fresh, publish_timeout=0.5) as conn:
            channel = conn.default_channel
            with pytest.raises(OperationalError):
                channel.queue_declare(fresh, passive=True)

    cycle()
    before = held()
    for _ in range(HEAVY_CYCLES):
        cycle()
    after = settled(before)
    # Less than one for each: clients of other tests in this process connect again meanwhile.
    grown = {kind: after[kind] - before[kind] for kind in before}
    assert max(grown.values()) < HEAVY_CYCLES, (before, after)


def in_a_child(act: Callable[[], Any]) -> int:
    """Run it in a forked process, as prefork does; returns the exit code."""
    child = Process(target=act)
    with warnings.catch_warnings():
        # Newer Pythons warn of forks beside threads; prefork forks all the same.
        warnings.simplefilter("ignore", DeprecationWarning)
        child.start()
    child.join(60)
    if child.is_alive():
        child.terminate()
        pytest.fail("the child hangs")
    return int(child.exitcode)


def test_a_forked_child_publishes_by_itself_and_leaves_its_parent_alone(
    broker: Broker, fresh: str, tmp_path: Path
) -> None:
    """The parent publishes and consumes; the child ends in order, collecting what it has."""
    with connection(broker, fresh) as conn:
        queue = conn.SimpleQueue(fresh)
        queue.put("parent")
        message = queue.get(timeout=30)

        def act() -> None:
            inherited = _entries("/proc/self/task")
            publish(broker, fresh)
            conn.collect()
            gc.collect()
            (tmp_path / "threads").write_text(str(inherited))

        assert in_a_child(act) == 0
        assert (tmp_path / "threads").read_text() == "1"
        message.ack()
        other = queue.get(timeout=30)
        other.ack()
        queue.put("parent again")
        assert queue.get(timeout=30).payload == "parent again"
        assert {message.payload, other.payload} == {"parent", "x"}
