"""Administration on both brokers, and with scripted answers."""

from __future__ import annotations

import weakref
from concurrent.futures import Future
from typing import Any, NamedTuple, cast

import pytest
from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.cimpl import NewTopic

from bridge.transport.address import Address
from bridge.transport.cluster import Cluster
from bridge.transport.errors import BrokerError
from bridge.transport.ledger import Commit
from bridge.transport.options import Options
from tests.kafka_fixtures import Broker
from tests.kafka_server.broker import free_ports


def cluster_of(broker: Broker) -> Cluster:
    return Cluster(Options(), Address(broker.address))


def fill(broker: Broker, topic: str, count: int = 3) -> None:
    """Messages in partition 0 of a topic of four."""
    if broker.has_administration:
        cluster_of(broker).create([NewTopic(topic, 4, 1)])
    producer = Producer({"bootstrap.servers": broker.address})
    for _ in range(count):
        producer.produce(topic, b"x", partition=0)
    assert producer.flush(20) == 0


def test_topics_are_listed_with_their_partitions(broker: Broker, fresh: str) -> None:
    cluster = cluster_of(broker)
    assert fresh not in cluster.partitions()
    fill(broker, fresh)
    assert cluster.partitions()[fresh] == 4


def test_a_partition_has_a_beginning_and_an_end(broker: Broker, fresh: str) -> None:
    fill(broker, fresh)
    cluster, places = cluster_of(broker), [(fresh, 0), (fresh, 1)]
    assert cluster.beginnings(places) == {(fresh, 0): 0, (fresh, 1): 0}
    assert cluster.ends(places) == {(fresh, 0): 3, (fresh, 1): 0}
    assert cluster.ends([]) == cluster.beginnings([]) == {}


def test_a_group_without_members_may_be_committed_for(broker: Broker, fresh: str) -> None:
    fill(broker, fresh)
    cluster, places = cluster_of(broker), [(fresh, 0), (fresh, 1)]
    assert cluster.commits(fresh, places) == {}
    assert cluster.commits(fresh, []) == {}
    assert cluster.commit(fresh, {(fresh, 0): 2})
    assert cluster.commits(fresh, places) == {(fresh, 0): Commit(2)}


def test_a_group_with_members_is_left_alone(broker: Broker, fresh: str) -> None:
    fill(broker, fresh)
    cluster = cluster_of(broker)
    member = Consumer(
        {
            "bootstrap.servers": broker.address,
            "group.id": fresh,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    member.subscribe([fresh])
    assert member.poll(30) is not None
    member.commit(offsets=[TopicPartition(fresh, 0, 1, "note")], asynchronous=False)

    assert not cluster.commit(fresh, {(fresh, 0): 3})
    assert cluster.commits(fresh, [(fresh, 0)]) == {(fresh, 0): Commit(1, "note")}
    member.close()


def test_messages_are_deleted_where_the_broker_can(broker: Broker, fresh: str) -> None:
    """The embedded broker cannot, and says so."""
    fill(broker, fresh)
    cluster = cluster_of(broker)
    assert cluster.cut({(fresh, 0): 2}) is broker.has_administration
    assert cluster.beginnings([(fresh, 0)])[(fresh, 0)] == (2 if broker.has_administration else 0)


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_topics_are_created_once_and_deleted(kafka: str, fresh: str) -> None:
    cluster = Cluster(Options(), Address(kafka))
    wanted = [NewTopic(fresh, 1, 1), NewTopic(f"{fresh}.dlq", 1, 1)]
    assert cluster.create(wanted[:1]) == {fresh}
    assert cluster.create(wanted) == {f"{fresh}.dlq"}
    cluster.delete([fresh])
    with pytest.raises(BrokerError, match=rf"deleting the topic {fresh} failed: .*Unknown topic"):
        cluster.delete([fresh])


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_topic_that_kafka_cannot_make_is_an_error(kafka: str) -> None:
    cluster = Cluster(Options(), Address(kafka))
    with pytest.raises(BrokerError, match=r"creating the topic a/b failed: Topic name is invalid"):
        cluster.create([NewTopic("a/b", 1, 1)])


def test_a_broker_that_is_away_is_named_with_the_cause() -> None:
    [port] = free_ports(1)
    cluster = Cluster(Options(), Address(f"127.0.0.1:{port}"), seconds=0.5)
    with pytest.raises(BrokerError) as caught:
        cluster.partitions()
    assert str(caught.value).startswith(f"Kafka at 127.0.0.1:{port}: listing topics failed: ")
    assert "Connection refused; nothing listens there" in str(caught.value)


class ScriptedConsumer:
    """A consumer that gives one answer to all."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.is_closed = False

    def _answer(self) -> object:
        # The last one again and again.
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> object:
        assert offsets
        assert not asynchronous
        return self._answer()

    def committed(self, _asked: list[TopicPartition], *, timeout: float) -> object:
        assert timeout > 0
        return self._answer()

    def close(self) -> None:
        self.is_closed = True


def answering(*answers: object, seconds: float = 10.0) -> tuple[Cluster, ScriptedConsumer]:
    """A cluster whose answers about a group are these."""
    consumer = ScriptedConsumer(*answers)

    def consume(config: dict[str, Any]) -> Consumer:
        assert config["group.id"] == "g"
        return cast("Consumer", consumer)

    address = Address("127.0.0.1:1")
    return Cluster(Options(), address, seconds=seconds, consume=consume), consumer


class Part(NamedTuple):
    """The answer about one partition: only librdkafka can give one an error."""

    topic: str
    partition: int
    offset: int
    metadata: str | None
    error: KafkaError | None


FORBIDDEN = [Part("a", 0, 0, None, KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))]


def test_a_refused_commit_is_an_error() -> None:
    refusal = KafkaException(KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED))
    cluster, consumer = answering(refusal)
    with pytest.raises(BrokerError, match=r"committing for the group g failed: .*read and descr"):
        cluster.commit("g", {("a", 0): 1})
    assert consumer.is_closed


def test_a_commit_refused_of_one_partition_is_an_error() -> None:
    with pytest.raises(BrokerError, match="committing for the group g failed: "):
        answering(FORBIDDEN)[0].commit("g", {("a", 0): 1})


MOVED = KafkaException(KafkaError(KafkaError.NOT_COORDINATOR))


def test_a_coordinator_that_moves_is_asked_again() -> None:
    """A new Kafka first has to make the topic where offsets are kept."""
    taken = Part("a", 0, 4, "note", None)
    assert answering(MOVED, [taken])[0].commits("g", [("a", 0)]) == {("a", 0): Commit(4, "note")}
    assert answering(MOVED, MOVED, [taken])[0].commit("g", {("a", 0): 4})


def test_a_coordinator_that_moves_for_too_long_is_an_error() -> None:
    with pytest.raises(BrokerError, match="reading what the group g has committed failed"):
        answering(MOVED, seconds=0.05)[0].commits("g", [("a", 0)])


def test_a_closed_one_says_so() -> None:
    """It may be referred to by a traceback, and must be gone before a fork all the same."""
    with Cluster(Options(), Address("127.0.0.1:1")) as cluster:
        client = weakref.ref(cluster._admin)
    assert client() is None
    with pytest.raises(BrokerError, match=r"connection to Kafka at 127\.0\.0\.1:1 is closed"):
        cluster.partitions()


def test_an_error_of_the_client_itself_is_not_hidden() -> None:
    future = Future[None]()
    future.set_exception(TypeError("no such thing"))
    with Cluster(Options(), Address("127.0.0.1:1")) as cluster, pytest.raises(TypeError):
        cluster._result("asking", future)


def test_a_partition_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(BrokerError, match="reading what the group g has committed failed"):
        answering(FORBIDDEN)[0].commits("g", [("a", 0)])
