"""Three Kafka nodes, each broker and controller: any one of them may go."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from confluent_kafka import ElectionType, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.kafka_server.broker import Node, free_ports

NODES = (1, 2, 3)
PATIENCE_SECONDS = 60.0
START_SECONDS = 180.0

#: A lost broker is missed after six seconds, not nine; a slow machine may take long to start.
CONFIG = """\
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=500
initial.broker.registration.timeout.ms=180000
auto.leader.rebalance.enable=false
"""


class Cluster:
    """Three nodes on loopback; topics have three replicas, and two must have a message."""

    def __init__(self, folder: Path) -> None:
        ports = dict(zip(NODES, free_ports(len(NODES)), strict=True))
        controllers = dict(zip(NODES, free_ports(len(NODES)), strict=True))
        voters = ",".join(f"{node}@127.0.0.1:{controllers[node]}" for node in NODES)

        def made(node: int) -> Node:
            (folder / str(node)).mkdir()
            config = CONFIG.format(
                node=node, voters=voters, port=ports[node], controller_port=controllers[node]
            )
            return Node(folder / str(node), config, f"127.0.0.1:{ports[node]}", heap="256m")

        with ThreadPoolExecutor() as pool:
            self.nodes = dict(zip(NODES, pool.map(made, NODES), strict=True))
        self.address = ",".join(node.address for node in self.nodes.values())
        # Kept: a client that is collected fails what it was asked.
        self._admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0})

    def start(self) -> None:
        """Start what does not run, and wait until all know each other and lead their share."""
        for node in self.nodes.values():
            if node.is_down():
                node.begin()
        for node in self.nodes.values():
            node.wait_ready(len(NODES), seconds=START_SECONDS)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End all at once: without a quorum a node does not end in order."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: node.stop(number), self.nodes.values()))

    def leader(self, topic: str, partition: int = 0) -> int:
        """The node that leads a partition; waits until there is one."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            topics = self._admin.list_topics(topic, timeout=10).topics
            leader = topics[topic].partitions[partition].leader
            if leader in self.nodes and not self.nodes[leader].is_down():
                return int(leader)
            time.sleep(0.1)
        raise TimeoutError(f"nobody leads {topic} {partition}")

    def coordinator(self, group: str) -> int:
        """The node that keeps a group's members and offsets."""
        found = self._admin.describe_consumer_groups([group], request_timeout=20)
        return int(found[group].result().coordinator.id)

    def elect(self, topic: str, partitions: int) -> None:
        """Give each partition back to its preferred leader, as an administrator would."""
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        self._admin.elect_leaders(ElectionType.PREFERRED, places).result()

    def in_sync(self, topic: str, partition: int = 0) -> set[int]:
        """The nodes that have all of a partition."""
        topics = self._admin.list_topics(topic, timeout=10).topics
        return set(topics[topic].partitions[partition].isrs)
