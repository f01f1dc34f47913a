"""How the broker is told to Celery and to the event handlers."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from app.settings import RunnerSettings
from bridge import broker


def settings(creation: Literal["create", "verify", "auto"]) -> RunnerSettings:
    return RunnerSettings(
        kafka_brokers="one:9092,two:9092",
        kafka_topic_creation=creation,
        secret_key=SecretStr("a secret key that is only for tests"),
    )


def test_all_brokers_are_in_the_url() -> None:
    assert broker.url(settings("create")) == "kafka://one:9092,two:9092"


def test_a_real_broker_keeps_kafkas_own_session_time() -> None:
    assert broker.transport_options(settings("verify"), "runner") == {
        "group_id": "runner",
        "client_id": "runner",
        "topic_creation": "verify",
    }
    assert broker.event_options(settings("create")) == {}


def test_members_of_the_embedded_broker_are_missed_sooner() -> None:
    options = broker.transport_options(settings("auto"), "runner")
    assert options["session_timeout"] == 6.0
    assert broker.event_options(settings("auto")) == {"session.timeout.ms": 6000}
