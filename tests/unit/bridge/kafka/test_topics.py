import time
from concurrent.futures import Future
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from app.errors import UnavailableError
from app.messages.topics import TOPICS
from bridge.kafka import topics

LOGS = {"log.celery.pidbox", "log.reply.celery.pidbox", "log.celeryev"}
NAMES = LOGS | {name for topic in TOPICS for name in (topic.name, topic.dead_letter)}


class FakeAdmin:
    """Topic administration that knows one topic already, or refuses all."""

    def __init__(self, _config: dict[str, Any], *, refusal: int | None = None) -> None:
        self.refusal = refusal

    def create_topics(
        self, wanted: list[NewTopic], *, request_timeout: float
    ) -> dict[str, Future[None]]:
        assert request_timeout == 30
        return {topic.topic: self.answer(topic) for topic in wanted}

    def poll(self, _seconds: float) -> int:
        return 0

    def answer(self, topic: NewTopic) -> Future[None]:
        future = Future[None]()
        if self.refusal is not None:
            future.set_exception(KafkaException(KafkaError(self.refusal)))
        elif topic.topic == "run_events":
            future.set_exception(KafkaException(KafkaError(KafkaError.TOPIC_ALREADY_EXISTS)))
        else:
            future.set_result(None)
        return future


def test_missing_topics_are_created_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "AdminClient", FakeAdmin)
    assert set(topics.create_all("one:1")) == NAMES - {"run_events"}


def test_logs_are_short() -> None:
    wanted = {topic.topic: topic for topic in topics._wanted(-1)}
    assert {wanted[log].num_partitions for log in LOGS} == {1}
    assert {(wanted[log].config or {})["retention.ms"] for log in LOGS} == {"300000"}


def test_a_refusal_says_which_topic_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    code = KafkaError.TOPIC_AUTHORIZATION_FAILED
    monkeypatch.setattr(topics, "AdminClient", lambda config: FakeAdmin(config, refusal=code))
    with pytest.raises(
        UnavailableError, match=r"test_run_queue cannot be created.*one:1"
    ) as caught:
        topics.create_all("one:1")
    assert "; allow this user to describe, read and write the topic" in str(caught.value)
    assert "embedded" not in str(caught.value)


def test_the_embedded_broker_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    code = KafkaError._UNSUPPORTED_FEATURE
    monkeypatch.setattr(topics, "AdminClient", lambda config: FakeAdmin(config, refusal=code))
    with pytest.raises(UnavailableError, match="embedded broker needs no topics"):
        topics.create_all("one:1")


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
def test_a_real_broker_has_them_all_afterwards(kafka: str) -> None:
    topics.create_all(kafka)
    assert topics.create_all(kafka) == []

    admin, deadline = AdminClient({"bootstrap.servers": kafka}), time.monotonic() + 15
    while not set(there := admin.list_topics(timeout=10).topics) >= NAMES:
        assert time.monotonic() < deadline, there
    assert {topic.name: len(there[topic.name].partitions) for topic in TOPICS} == {
        topic.name: topic.partitions for topic in TOPICS
    }
