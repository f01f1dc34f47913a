"""Sizes and removal, on both brokers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pytest
from confluent_kafka import Producer
from confluent_kafka.cimpl import NewTopic

from bridge.transport import completed, removal, sizes
from bridge.transport.address import Address
from bridge.transport.cluster import Cluster
from bridge.transport.errors import UnsupportedError
from bridge.transport.ledger import Commit, Place
from bridge.transport.options import Options
from bridge.transport.sizes import PartitionSize
from tests.kafka_fixtures import Broker


@pytest.mark.parametrize(
    ("size", "waiting"),
    [
        (PartitionSize("q", 0, 0, 10, None, 0), 10),
        (PartitionSize("q", 0, 4, 10, None, 0), 6),
        (PartitionSize("q", 0, 0, 10, 3, 2), 5),
        (PartitionSize("q", 0, 8, 10, 3, 0), 2),
        (PartitionSize("q", 0, 0, 10, 12, 0), 0),
    ],
)
def test_what_waits_is_neither_finished_nor_gone(size: PartitionSize, waiting: int) -> None:
    assert size.waiting == waiting


class FakeCluster:
    """Topics in memory: for each place its beginning and end."""

    def __init__(
        self, logs: Mapping[Place, tuple[int, int]], commits: Mapping[Place, Commit]
    ) -> None:
        self.logs = logs
        self._commits = commits

    def partitions(self) -> dict[str, int]:
        names = [topic for topic, _ in self.logs]
        return {name: names.count(name) for name in names}

    def commits(self, group: str, places: Sequence[Place]) -> Mapping[Place, Commit]:
        assert group == "celery"
        return {place: self._commits[place] for place in places if place in self._commits}

    def beginnings(self, places: Sequence[Place]) -> dict[Place, int]:
        return {place: self.logs[place][0] for place in places}

    def ends(self, places: Sequence[Place]) -> dict[Place, int]:
        return {place: self.logs[place][1] for place in places}


def test_a_queue_has_the_partitions_of_all_its_levels() -> None:
    logs = {("a", 0): (0, 5), ("a", 1): (2, 5), ("a.p3", 0): (0, 7), ("ab", 0): (0, 9)}
    commits = {("a", 0): Commit(1, completed.encode(1, [3, 4]))}
    fake = cast("Cluster", FakeCluster(logs, commits))
    found = sizes.of(fake, Options(), ["a", "none"])

    assert found["a"].partitions == (
        PartitionSize("a", 0, 0, 5, 1, 2),
        PartitionSize("a", 1, 2, 5, None, 0),
        PartitionSize("a.p3", 0, 0, 7, None, 0),
    )
    assert found["a"].waiting == 2 + 3 + 7
    assert found["none"].waiting == 0


def test_what_is_finished_and_gone_is_not_counted_twice() -> None:
    commits = {("a", 0): Commit(1, completed.encode(1, [3, 6, 8]))}
    fake = cast("Cluster", FakeCluster({("a", 0): (5, 8)}, commits))
    [size] = sizes.of(fake, Options(), ["a"])["a"].partitions
    assert (size.finished, size.waiting) == (1, 2)


def filled(broker: Broker, queue: str, count: int) -> tuple[Cluster, Options]:
    """A queue with messages and no workers."""
    options = Options(group_id=queue)
    cluster = Cluster(options, Address(broker.address))
    if broker.has_administration:
        cluster.create([NewTopic(queue, 4, 1)])
    producer = Producer({"bootstrap.servers": broker.address})
    for number in range(count):
        producer.produce(queue, b"x", key=str(number))
    assert producer.flush(20) == 0
    return cluster, options


def test_a_queue_is_read_by_an_applications_settings(broker: Broker, fresh: str) -> None:
    filled(broker, fresh, 9)
    found = sizes.read(f"kafka://{broker.address}", {"group_id": fresh}, [fresh, f"{fresh}-none"])
    assert found[fresh].waiting == 9
    assert len(found[fresh].partitions) == 4
    assert found[f"{fresh}-none"].partitions == ()


def test_a_purged_queue_is_empty_and_others_see_no_lag(broker: Broker, fresh: str) -> None:
    cluster, options = filled(broker, fresh, 9)
    assert removal.purge(cluster, options, fresh) == 9
    assert removal.purge(cluster, options, fresh) == 0

    [*parts] = sizes.of(cluster, options, [fresh])[fresh].partitions
    assert [part.committed for part in parts] == [part.end for part in parts]
    assert any(part.begin for part in parts) is broker.has_administration


def test_a_queue_without_topic_is_purged_as_an_empty_one(broker: Broker, fresh: str) -> None:
    options = Options(group_id=fresh)
    cluster = Cluster(options, Address(broker.address))
    assert removal.purge(cluster, options, fresh) == 0


def test_deleting_needs_an_option(embedded_broker: str, fresh: str) -> None:
    cluster = Cluster(Options(), Address(embedded_broker))
    with pytest.raises(UnsupportedError, match=f"queue {fresh} would delete its topic"):
        removal.delete(cluster, Options(), fresh)


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_deleted_queue_takes_its_levels_along_and_leaves_its_dead_letters(
    kafka: str, fresh: str
) -> None:
    broker = Broker(kafka, has_administration=True)
    cluster, options = filled(broker, fresh, 5)
    cluster.create([NewTopic(f"{fresh}.p2", 1, 1), NewTopic(f"{fresh}.dlq", 1, 1)])
    options = Options(group_id=fresh, topic_deletion=True)

    assert removal.delete(cluster, options, fresh).waiting == 5
    assert {name for name in cluster.partitions() if name.startswith(fresh)} == {f"{fresh}.dlq"}
    assert removal.delete(cluster, options, fresh).partitions == ()
