"""Three brokers of which one is lost: what only a cluster can show."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from kombu.exceptions import OperationalError

from tests.behaviour.transport.stage import PATIENCE_SECONDS, SESSION_SECONDS, Stage
from tests.kafka_server.cluster import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka_cluster")]

#: Until a lost broker is missed, its partitions led by others and clients know: "within seconds",
#: on a slow machine. Who asks the frozen one gives up after 20 s, and may ask it again for 10 s;
#: one after the other that has taken 70 s, and only then the messages go on.
GAP_SECONDS = 160.0


@pytest.fixture
def stage(kafka_cluster: Cluster, open_stage: Callable[..., Stage]) -> Stage:
    return open_stage(kafka_cluster.address, publish_timeout=20)


class Flow:
    """Publishes without end; what is confirmed has to run."""

    def __init__(self, stage: Stage) -> None:
        self.confirmed: list[str] = []
        self.refused = 0
        self._stage = stage
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def more(self, count: int) -> None:
        """Wait until so many more have run than now."""
        ran = len(set(self._stage.noted()))
        self._stage.until(lambda: len(set(self._stage.noted())) >= ran + count, seconds=GAP_SECONDS)

    def _run(self) -> None:
        number = 0
        while not self._stopping.wait(0.01):
            number += 1
            try:
                self._stage.note(str(number))
            except OperationalError:
                self.refused += 1
            else:
                self.confirmed.append(str(number))


@contextmanager
def flowing(stage: Stage) -> Iterator[Flow]:
    """Tasks flow; afterwards every confirmed one has run."""
    flow = Flow(stage)
    try:
        flow.more(20)
        yield flow
    finally:
        flow.stop()
    stage.until(lambda: set(flow.confirmed) <= set(stage.noted()), seconds=GAP_SECONDS)


@pytest.mark.parametrize("what", ["leader", "coordinator"])
def test_a_broker_killed_while_tasks_flow_stops_them_for_seconds_only(
    kafka_cluster: Cluster, stage: Stage, what: str
) -> None:
    stage.ready_worker("threads")
    with flowing(stage) as flow:
        leads = kafka_cluster.leader(stage.queue)
        lost = leads if what == "leader" else kafka_cluster.coordinator(stage.queue)
        kafka_cluster.nodes[lost].stop(signal.SIGKILL)
        flow.more(50)
        assert kafka_cluster.leader(stage.queue) != lost or what == "coordinator"


def test_with_one_of_three_brokers_down_for_good_all_goes_on(
    kafka_cluster: Cluster, stage: Stage
) -> None:
    """It is down before anybody connects, and is named first in the URL."""
    first = min(kafka_cluster.nodes)
    kafka_cluster.nodes[first].stop(signal.SIGKILL)
    stage.ready_worker("threads")
    with flowing(stage) as flow:
        flow.more(50)
    stage.until(lambda: sum(stage.committed().values()) == len(flow.confirmed))


def test_a_frozen_leader_is_replaced(kafka_cluster: Cluster, stage: Stage) -> None:
    """Its connections stay open and say nothing, for longer than the worker's session."""
    stage.ready_worker("threads")
    with flowing(stage) as flow:
        leads = kafka_cluster.leader(stage.queue)
        with kafka_cluster.nodes[leads].frozen():
            began = time.monotonic()
            flow.more(50)
            threading.Event().wait(SESSION_SECONDS * 2 - (time.monotonic() - began))
        flow.more(50)


def test_a_change_of_leaders_is_not_noticed(kafka_cluster: Cluster, stage: Stage) -> None:
    """As an administrator makes one before and after maintenance: in order, and nothing fails."""
    stage.ready_worker("threads")
    with flowing(stage) as flow:
        leads = kafka_cluster.leader(stage.queue)
        kafka_cluster.nodes[leads].stop()
        flow.more(50)
        kafka_cluster.start()
        stage.until(lambda: len(kafka_cluster.in_sync(stage.queue)) == 3, seconds=PATIENCE_SECONDS)
        kafka_cluster.elect(stage.queue, 4)
        flow.more(50)
    assert flow.refused == 0
