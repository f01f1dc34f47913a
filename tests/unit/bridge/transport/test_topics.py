from collections.abc import Collection, Mapping
from typing import Any, Self, cast

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bridge.transport.address import Address
from bridge.transport.cluster import Cluster
from bridge.transport.errors import BrokerError
from bridge.transport.ledger import Commit, Place
from bridge.transport.options import Creation, Options
from bridge.transport.topics import MissingTopicError, Topics, delays

ADDRESS = Address("127.0.0.1:1")


class FakeCluster:
    """Administration in memory."""

    def __init__(self, **there: int) -> None:
        self.there = there
        self.is_closed = False
        self.asked: list[NewTopic] = []
        #: How many looks it takes until a new topic shows.
        self.delay = 0
        self.refusal: BrokerError | None = None
        self.commits: list[tuple[str, Mapping[Place, int]]] = []
        self.commit_refusal: BrokerError | None = None

    def connect(self, _options: Options, _address: Address) -> Cluster:
        return cast("Cluster", self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.is_closed = True

    def create(self, topics: Collection[NewTopic]) -> set[str]:
        if self.refusal is not None:
            raise self.refusal
        self.asked.extend(topics)
        return {topic.topic for topic in topics} - self.there.keys()

    def partitions(self) -> dict[str, int]:
        self.delay -= 1
        made = {} if self.delay >= 0 else {it.topic: it.num_partitions for it in self.asked}
        return {**made, **self.there}

    def commit(self, group: str, offsets: Mapping[Place, int]) -> bool:
        if self.commit_refusal is not None:
            raise self.commit_refusal
        self.commits.append((group, offsets))
        return True


def topics_of(cluster: FakeCluster, **options: Any) -> Topics:  # noqa: ANN401 - any option
    return Topics(Options(**options), ADDRESS, connect=cluster.connect)


def test_a_topic_is_created_once() -> None:
    cluster = FakeCluster()
    known = topics_of(cluster, partitions=3, topic_config={"retention.ms": "5"})
    known.ensure(["a", "b"])
    known.ensure(["a"])

    assert [(it.topic, it.num_partitions) for it in cluster.asked] == [("a", 3), ("b", 3)]
    assert cluster.asked[0].config == {"max.message.bytes": "1004096", "retention.ms": "5"}


def test_a_topic_that_was_forgotten_is_looked_for_again() -> None:
    cluster = FakeCluster()
    known = topics_of(cluster)
    known.ensure(["a"])
    known.forget("a")
    known.forget("b")
    known.ensure(["a"])
    assert [it.topic for it in cluster.asked] == ["a", "a"]


def test_the_beginning_of_a_new_topic_is_committed_for_the_group() -> None:
    cluster = FakeCluster(old=2)
    topics_of(cluster, group_id="runners", partitions=2).ensure(["old", "new", "new.dlq"])
    assert cluster.commits == [("runners", {("new", 0): 0, ("new", 1): 0})]


def test_without_the_right_to_commit_a_topic_is_made_all_the_same(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    cluster = FakeCluster()
    cluster.commit_refusal = BrokerError("not allowed")
    topics_of(cluster).ensure(["a"])
    assert "A first worker will commit the beginning of new topics: not allowed" in caplog.text


def test_a_log_has_one_partition_and_is_kept_shortly(caplog: pytest.LogCaptureFixture) -> None:
    cluster = FakeCluster(**{"mine.log.old": 1})
    topics_of(
        cluster,
        partitions=3,
        topic_prefix="mine.",
        topic_config={"retention.ms": "-1", "min.insync.replicas": "2"},
        log_retention=60,
    ).ensure(["mine.log.new", "mine.log.old"])
    config = cluster.asked[0].config or {}
    assert cluster.asked[0].num_partitions == 1
    assert (config["retention.ms"], config["min.insync.replicas"]) == ("60000", "2")
    assert not cluster.commits
    assert not caplog.records


def test_a_new_topic_is_waited_for_until_it_shows() -> None:
    cluster = FakeCluster()
    cluster.delay = 3
    topics_of(cluster).ensure(["a"])
    assert cluster.delay < 0


def test_a_new_topic_that_does_not_show_is_an_error() -> None:
    cluster = FakeCluster()
    cluster.delay = 1_000_000
    with pytest.raises(MissingTopicError, match="has made a but does not show it yet"):
        topics_of(cluster, publish_timeout=0.05).ensure(["a"])


@pytest.mark.parametrize("creation", [Creation.CREATE, Creation.VERIFY])
def test_fewer_partitions_than_wanted_are_said_and_what_to_do(
    creation: Creation, caplog: pytest.LogCaptureFixture
) -> None:
    cluster = FakeCluster(a=2, b=9, **{"a.dlq": 1})
    topics_of(cluster, partitions=8, topic_creation=creation).ensure(["a", "a.dlq", "b"])
    [record] = caplog.records
    assert record.getMessage().startswith("The topic a at 127.0.0.1:1 has 2 partitions, not the")
    assert "kafka-topics.sh --alter --partitions" in record.getMessage()


def test_a_refusal_names_the_topic_and_the_reason() -> None:
    cluster = FakeCluster()
    cluster.refusal = BrokerError("Kafka at one: creating the topic a failed: not allowed")
    with pytest.raises(MissingTopicError, match=r"a: Kafka at one: .* not allowed"):
        topics_of(cluster).ensure(["a"])
    assert cluster.is_closed


def test_topics_may_be_left_to_the_broker() -> None:
    cluster = FakeCluster()
    topics_of(cluster, topic_creation=Creation.AUTO).ensure(["a"])
    assert cluster.asked == []


def test_a_missing_topic_is_named_where_creation_is_not_allowed(
    embedded_broker: str, fresh: str
) -> None:
    options = Options(topic_creation=Creation.VERIFY, partitions=1)
    known = Topics(options, Address(embedded_broker))
    known.ensure(["test_run_queue"])
    with pytest.raises(MissingTopicError, match=f"no topic {fresh}, or does not show it"):
        known.ensure([fresh, "test_run_queue"])


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_real_broker_gets_the_topic_as_wanted_with_a_commit_of_each_partition(
    kafka: str, fresh: str
) -> None:
    options = Options(partitions=3, topic_config={"retention.ms": "60000"}, group_id=fresh)
    for _ in range(2):
        Topics(options, Address(kafka)).ensure([fresh])

    assert (
        len(
            AdminClient({"bootstrap.servers": kafka})
            .list_topics(timeout=10)
            .topics[fresh]
            .partitions
        )
        == 3
    )
    places = [(fresh, number) for number in range(3)]
    with Cluster(options, Address(kafka)) as cluster:
        committed = cluster.commits(fresh, places)
    assert committed == dict.fromkeys(places, Commit(0))


def test_the_topics_of_delays_are_made_together_and_keep_messages_long_enough() -> None:
    """They are no work of the group's, so nothing is committed for it."""
    cluster = FakeCluster()
    topics_of(cluster, topic_prefix="p-", topic_config={"retention.ms": "5"}).ensure(["p-delay.8"])

    made = {topic.topic: topic.config or {} for topic in cluster.asked}
    assert sorted(made) == sorted(delays(Options(topic_prefix="p-")))
    assert made["p-delay.8"]["retention.ms"] == "8005"
    assert made["p-delay.8"]["message.timestamp.type"] == "LogAppendTime"
    assert cluster.commits == []


@pytest.mark.parametrize(("config", "retention"), [({}, 604_808_000), ({"retention.ms": "-1"}, -1)])
def test_a_delay_is_added_to_the_retention(config: dict[str, str], retention: int) -> None:
    cluster = FakeCluster()
    topics_of(cluster, topic_config=config).ensure(["delay.8"])
    made = {topic.topic: topic.config or {} for topic in cluster.asked}
    assert made["delay.8"]["retention.ms"] == str(retention)


def test_a_broker_that_makes_topics_itself_makes_all_delays(
    embedded_broker: str, fresh: str
) -> None:
    options = Options(topic_creation=Creation.AUTO, topic_prefix=fresh)
    Topics(options, Address(embedded_broker)).ensure([f"{fresh}delay.8"])

    with Cluster(options, Address(embedded_broker)) as cluster:
        there = cluster.partitions()
    assert set(delays(options)) <= set(there)
