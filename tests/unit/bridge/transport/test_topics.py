from collections.abc import Callable, Collection
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from bridge.transport import topics
from bridge.transport.address import Address
from bridge.transport.options import Creation, Options

ADDRESS = Address("127.0.0.1:1")


class FakeAdmin:
    """Topic administration that answers every request alike."""

    outcome: KafkaException | None = None
    #: How many looks it takes until a topic shows.
    delay = 0
    asked: list[NewTopic]

    def __init__(self, _config: dict[str, Any]) -> None:
        type(self).asked = []

    def create_topics(
        self, wanted: Collection[NewTopic], *, request_timeout: float
    ) -> dict[str, Future[None]]:
        assert request_timeout > 0
        self.asked.extend(wanted)
        future = Future[None]()
        if self.outcome is None:
            future.set_result(None)
        else:
            future.set_exception(self.outcome)
        return {topic.topic: future for topic in wanted}

    def list_topics(self, *, timeout: float) -> SimpleNamespace:
        assert timeout > 0
        self.delay -= 1
        shown = [] if self.delay >= 0 else self.asked
        return SimpleNamespace(topics={topic.topic: topic for topic in shown})


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Make topic administration answer with a Kafka error code, or well."""
    monkeypatch.setattr(topics, "AdminClient", FakeAdmin)

    def answer(code: int | None) -> None:
        outcome = None if code is None else KafkaException(KafkaError(code))
        monkeypatch.setattr(FakeAdmin, "outcome", outcome)

    return answer


def test_a_topic_is_created_once(answers: Callable[[int | None], None]) -> None:
    answers(None)
    options = Options(partitions=3, topic_config={"retention.ms": "5"})
    known = topics.Topics(options, ADDRESS)
    known.ensure(["a", "b"])
    known.ensure(["a"])

    assert [(topic.topic, topic.num_partitions) for topic in FakeAdmin.asked] == [
        ("a", 3),
        ("b", 3),
    ]
    assert FakeAdmin.asked[0].config == {"max.message.bytes": "1000000", "retention.ms": "5"}


def test_a_new_topic_is_waited_for_until_it_shows(
    answers: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(None)
    monkeypatch.setattr(FakeAdmin, "delay", 3)
    topics.Topics(Options(), ADDRESS).ensure(["a"])


def test_a_new_topic_that_does_not_show_is_an_error(
    answers: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(None)
    monkeypatch.setattr(FakeAdmin, "delay", 1_000_000)
    with pytest.raises(topics.MissingTopicError, match="has made a but does not show it yet"):
        topics.Topics(Options(publish_timeout=0.05), ADDRESS).ensure(["a"])


def test_a_topic_that_exists_is_as_good(answers: Callable[[int | None], None]) -> None:
    answers(KafkaError.TOPIC_ALREADY_EXISTS)
    topics.Topics(Options(), ADDRESS).ensure(["a"])


def test_a_refusal_names_broker_topic_and_reason(answers: Callable[[int | None], None]) -> None:
    answers(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    with pytest.raises(topics.MissingTopicError, match=r"127\.0\.0\.1:1 has not got a: .*uthoriz"):
        topics.Topics(Options(), ADDRESS).ensure(["a"])


def test_topics_may_be_left_to_the_broker() -> None:
    topics.Topics(Options(topic_creation=Creation.AUTO), ADDRESS).ensure(["a"])


def test_a_missing_topic_is_named_where_creation_is_not_allowed(
    embedded_broker: str, fresh: str
) -> None:
    known = topics.Topics(Options(topic_creation=Creation.VERIFY), Address(embedded_broker))
    known.ensure(["test_run_queue"])
    with pytest.raises(topics.MissingTopicError, match=f"no topic {fresh}; create it, or set"):
        known.ensure([fresh, "test_run_queue"])


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_real_broker_gets_the_topic_as_wanted(kafka: str, fresh: str) -> None:
    options = Options(partitions=3, topic_config={"retention.ms": "60000"})
    for _ in range(2):
        topics.Topics(options, Address(kafka)).ensure([fresh])

    admin = AdminClient({"bootstrap.servers": kafka})
    assert len(admin.list_topics(timeout=10).topics[fresh].partitions) == 3


def test_the_topics_of_delays_are_made_together_and_keep_messages_long_enough(
    answers: Callable[[int | None], None],
) -> None:
    answers(None)
    options = Options(topic_prefix="p-", topic_config={"retention.ms": "5"})
    topics.Topics(options, ADDRESS).ensure(["p-delay.8"])

    made = {topic.topic: topic.config or {} for topic in FakeAdmin.asked}
    assert sorted(made) == sorted(topics.delays(options))
    assert made["p-delay.8"]["retention.ms"] == "8005"
    assert made["p-delay.8"]["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize(("config", "retention"), [({}, 604_808_000), ({"retention.ms": "-1"}, -1)])
def test_a_delay_is_added_to_the_retention(
    answers: Callable[[int | None], None], config: dict[str, str], retention: int
) -> None:
    answers(None)
    topics.Topics(Options(topic_config=config), ADDRESS).ensure(["delay.8"])
    made = {topic.topic: topic.config or {} for topic in FakeAdmin.asked}
    assert made["delay.8"]["retention.ms"] == str(retention)


def test_a_broker_that_makes_topics_itself_makes_all_delays(
    embedded_broker: str, fresh: str
) -> None:
    options = Options(topic_creation=Creation.AUTO, topic_prefix=fresh)
    topics.Topics(options, Address(embedded_broker)).ensure([f"{fresh}delay.8"])

    there = AdminClient({"bootstrap.servers": embedded_broker}).list_topics(timeout=10).topics
    assert set(topics.delays(options)) <= set(there)
