"""The platform on a Kafka as providers have it: SCRAM over TLS, or TLS with our certificate."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Status
from app.errors import InvalidInputError, UnavailableError
from app.messages import events
from app.services import runs
from app.settings import RunnerSettings, Settings
from bridge import broker
from bridge.kafka import topics
from bridge.kafka.producer import EventProducer
from bridge.kafka.tail import Tail
from tasks.app import configuration
from tests.factories import rows
from tests.kafka_server.certificates import KEY_PASSWORD
from tests.kafka_server.secure import PASSWORD, USER, SecureKafka
from tests.processes import SECRET, Processes
from tests.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka_secure")]

WRONG_PASSWORD = "wrong-secret"
PASSWORDS = (PASSWORD, KEY_PASSWORD, WRONG_PASSWORD)

Given = Mapping[str, str]


def by_password(kafka: SecureKafka) -> dict[str, str]:
    """SCRAM over TLS."""
    return {
        "kafka_brokers": kafka.managed,
        "kafka_security_protocol": "SASL_SSL",
        "kafka_sasl_mechanism": "SCRAM-SHA-512",
        "kafka_sasl_username": USER,
        "kafka_sasl_password": PASSWORD,
        "kafka_ssl_ca_file": str(kafka.authority),
    }


def by_certificate(kafka: SecureKafka) -> dict[str, str]:
    """Mutual TLS, with a private key that has a password."""
    return {
        "kafka_brokers": kafka.mutual,
        "kafka_security_protocol": "SSL",
        "kafka_ssl_ca_file": str(kafka.authority),
        "kafka_ssl_certificate_file": str(kafka.certificate),
        "kafka_ssl_key_file": str(kafka.key),
        "kafka_ssl_key_password": KEY_PASSWORD,
    }


def settings_of(given: Given) -> RunnerSettings:
    return RunnerSettings(**given, secret_key=SECRET)  # type: ignore[arg-type]  # as in the environment


@pytest.fixture
def platform(tmp_path: Path, database_url: str, secure_kafka: SecureKafka) -> Iterator[Processes]:
    """Every process that speaks to Kafka for a run, after the job that makes the topics."""
    given = by_password(secure_kafka)
    made = Processes(
        tmp_path,
        database_url=database_url,
        brokers=given["kafka_brokers"],
        topic_creation="verify",
        settings={f"TESTOPS_{name.upper()}": value for name, value in given.items()},
    )
    try:
        job = made.start("topics", "bridge", "topics")
        assert job.process.wait(60) == 0, job.log.read_text()
        for running in (made.bridge("relay", "results"), made.runner()):
            running.wait_ready()
        yield made
    finally:
        made.stop()


def test_a_run_goes_from_the_outbox_to_its_result_and_no_password_is_shown(
    platform: Processes,
    settings: Settings,
    sessions: sessionmaker[Session],
    secure_kafka: SecureKafka,
) -> None:
    """Also what workers tell Flower of their connection has none."""
    with sessions.begin() as session:
        run_id = rows.run(session, settings, cases=2).id

    def is_finished() -> bool:
        with sessions() as session:
            return runs.get(session, run_id).status == Status.FINISHED

    wait_until(is_finished, "the run is finished")
    with sessions() as session:
        assert runs.get(session, run_id).cases_finished == 2
    told = json.dumps(stats(settings_of(by_password(secure_kafka))))
    assert secure_kafka.managed in told
    shown = (told, *platform.logs())
    assert not [text for text in shown if any(password in text for password in PASSWORDS)]


def stats(known: RunnerSettings) -> dict[str, Any]:
    """What Flower asks of all workers, in the way in which it does."""
    with Celery("flower", set_as_current=False) as app:
        app.conf.update(configuration(known, "flower"))
        found: dict[str, Any] = app.control.inspect(timeout=20, limit=1).stats()
    return found


def test_events_go_by_a_certificate_as_well(secure_kafka: SecureKafka) -> None:
    known = settings_of(by_certificate(secure_kafka))
    security = broker.security(known)
    assert topics.create_all(known.kafka_brokers, options=security) is not None
    event = events.GenerationFinished("g1", "s1", written=1, failed=0)
    heard: list[object] = []
    with closing(EventProducer(known.kafka_brokers, options=security)) as producer:
        producer.publish("run_events", events.wrap(event, event_id="e1", key="run-1"))
        producer.flush()
    with closing(Tail(known.kafka_brokers, "run_events", heard.append, options=security)):
        wait_until(lambda: event in heard, "the event is heard")


def without(given: Given, *names: str) -> dict[str, str]:
    return {name: value for name, value in given.items() if name not in names}


def wrong(what: str, kafka: SecureKafka) -> dict[str, str]:
    """Settings of which one is wrong."""
    password, certificate = by_password(kafka), by_certificate(kafka)
    pair = ("kafka_ssl_certificate_file", "kafka_ssl_key_file", "kafka_ssl_key_password")
    return {
        "password": {**password, "kafka_sasl_password": WRONG_PASSWORD},
        "mechanism": {**password, "kafka_sasl_mechanism": "PLAIN"},
        "authority": without(password, "kafka_ssl_ca_file"),
        "a plain port": {**password, "kafka_brokers": kafka.address},
        "no certificate": without(certificate, *pair),
        "no TLS": {"kafka_brokers": kafka.managed},
    }[what]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("password", "correct TESTOPS_KAFKA_SASL_USERNAME, TESTOPS_KAFKA_SASL_PASSWORD"),
        ("mechanism", "set TESTOPS_KAFKA_SASL_MECHANISM"),
        ("authority", "not trusted: name its authority's file in TESTOPS_KAFKA_SSL_CA_FILE"),
        ("a plain port", "this port does not speak TLS"),
        ("no certificate", "correct TESTOPS_KAFKA_SSL_CERTIFICATE_FILE"),
        ("no TLS", "whether the port wants TLS or a password: TESTOPS_KAFKA_SECURITY_PROTOCOL"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_its_setting(
    secure_kafka: SecureKafka, what: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By the job that makes the topics, by who publishes events, and in the log."""
    caplog.set_level(logging.DEBUG)
    known = settings_of(wrong(what, secure_kafka))
    security = broker.security(known)
    with pytest.raises(UnavailableError) as refused:
        topics.create_all(known.kafka_brokers, options=security, timeout=1)
    with closing(EventProducer(known.kafka_brokers, options=security)) as producer:
        envelope = events.wrap(
            events.GenerationFinished("g1", "s1", written=1, failed=0), event_id="e1", key="run-1"
        )
        producer.publish("run_events", envelope)
        with pytest.raises(UnavailableError) as late:
            producer.flush(1)
    for told in (str(refused.value), str(late.value)):
        assert said in told
        assert f"(at {known.kafka_brokers})" in told
    assert said in caplog.text
    everything = f"{refused.value!r}{late.value!r}{refused.value}{late.value}{caplog.text}"
    assert not [password for password in PASSWORDS if password in everything]


def test_a_key_that_its_password_does_not_open_is_named(secure_kafka: SecureKafka) -> None:
    given = {**by_certificate(secure_kafka), "kafka_ssl_key_password": WRONG_PASSWORD}
    with pytest.raises(InvalidInputError, match=r"ssl\.key\.location failed") as caught:
        EventProducer(secure_kafka.mutual, options=broker.security(settings_of(given)))
    assert WRONG_PASSWORD not in str(caught.value)
