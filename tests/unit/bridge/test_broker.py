"""How the broker is told to Celery and to the event handlers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from celery import Celery
from pydantic import SecretStr

from app.errors import InvalidInputError
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
        "kafka": {"security.protocol": "PLAINTEXT"},
    }
    assert "session.timeout.ms" not in broker.event_options(settings("create"))


def test_members_of_the_embedded_broker_are_missed_sooner() -> None:
    options = broker.transport_options(settings("auto"), "runner")
    assert options["session_timeout"] == 6.0
    assert broker.event_options(settings("auto"))["session.timeout.ms"] == 6000


@pytest.fixture
def secured(tmp_path: Path) -> RunnerSettings:
    """Settings with everything that there is: user, password, authority, certificate and key."""
    for name in ("ca.crt", "tls.crt", "tls.key"):
        (tmp_path / name).touch()
    return RunnerSettings(
        kafka_brokers="one:9093",
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism="SCRAM-SHA-512",
        kafka_sasl_username="alice",
        kafka_sasl_password=SecretStr("broker-s3cret"),
        kafka_ssl_ca_file=str(tmp_path / "ca.crt"),
        kafka_ssl_certificate_file=str(tmp_path / "tls.crt"),
        kafka_ssl_key_file=str(tmp_path / "tls.key"),
        kafka_ssl_key_password=SecretStr("key-s3cret"),
        secret_key=SecretStr("a secret key that is only for tests"),
    )


def test_celery_and_handlers_are_told_the_same_of_who_we_are(
    secured: RunnerSettings, tmp_path: Path
) -> None:
    assert broker.event_options(secured) == broker.transport_options(secured, "any")["kafka"]
    assert broker.security(secured) == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "alice",
        "sasl.password": "broker-s3cret",
        "ssl.ca.location": str(tmp_path / "ca.crt"),
        "ssl.certificate.location": str(tmp_path / "tls.crt"),
        "ssl.key.location": str(tmp_path / "tls.key"),
        "ssl.key.password": "key-s3cret",
    }


def test_no_password_is_shown(secured: RunnerSettings) -> None:
    """Not by what is logged, by `celery report`, `inspect conf`, `inspect stats` or Flower."""
    options = broker.transport_options(secured, "any")
    celery = Celery("any", broker=broker.url(secured), set_as_current=False)
    celery.conf.update(broker_transport_options=options)
    with celery.connection_for_write() as connection:
        connection.transport.client = connection
        shown = [
            broker.url(secured),
            repr(secured),
            repr(options),
            repr(broker.event_options(secured)),
            celery.conf.humanize(with_defaults=False),
            str(celery.conf.table(with_defaults=False, censored=True)),
            json.dumps(connection.info()),
            connection.as_uri(),
        ]
    celery.close()
    assert not [text for text in shown if "s3cret" in text]
    assert "alice" in repr(options)


def test_a_file_that_is_not_there_is_named(secured: RunnerSettings, tmp_path: Path) -> None:
    (tmp_path / "ca.crt").unlink()
    with pytest.raises(InvalidInputError, match="TESTOPS_KAFKA_SSL_CA_FILE") as caught:
        broker.security(secured)
    assert f"No such file or directory. (at {tmp_path / 'ca.crt'})" in str(caught.value)
