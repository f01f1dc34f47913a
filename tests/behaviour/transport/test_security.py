"""Ways to sign in to a real Kafka, each with a real task, and what goes wrong on them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from kombu.exceptions import OperationalError

from tests.behaviour.transport.stage import Stage, publisher
from tests.kafka_server.broker import free_ports
from tests.kafka_server.certificates import KEY_PASSWORD
from tests.kafka_server.secure import GUEST, PASSWORD, USER, SecureKafka

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka_secure")]

Conf = dict[str, Any]
PLAINTEXT = {"security.protocol": "SASL_PLAINTEXT"}
SECRETS = (PASSWORD, KEY_PASSWORD, "wrong-secret")


def with_plain(kafka: SecureKafka) -> Conf:
    return {"broker_url": f"kafka://{USER}:{PASSWORD}@{kafka.sasl}", "kafka": PLAINTEXT}


def with_scram(kafka: SecureKafka, mechanism: str) -> Conf:
    return {
        "broker_url": f"kafka://{USER}:{PASSWORD}@{kafka.sasl}",
        "kafka": {**PLAINTEXT, "sasl.mechanism": mechanism},
    }


def with_token(kafka: SecureKafka) -> Conf:
    return {
        "broker_url": f"kafka://{kafka.sasl}",
        "kafka": {
            **PLAINTEXT,
            "sasl.mechanism": "OAUTHBEARER",
            "enable.sasl.oauthbearer.unsecure.jwt": True,
            "sasl.oauthbearer.config": f"principal={USER}",
        },
    }


def over_tls(kafka: SecureKafka) -> Conf:
    """By Celery's own setting."""
    return {
        "broker_url": f"kafka://{kafka.tls}",
        "broker_use_ssl": {"ca_certs": str(kafka.authority)},
    }


def with_certificate(kafka: SecureKafka) -> Conf:
    """User and password over TLS, and a certificate whose key has a password."""
    return {
        "broker_url": f"kafka://{USER}:{PASSWORD}@{kafka.both}",
        "kafka": {
            "ssl.ca.location": str(kafka.authority),
            "ssl.certificate.location": str(kafka.certificate),
            "ssl.key.location": str(kafka.key),
            "ssl.key.password": KEY_PASSWORD,
        },
    }


WAYS: dict[str, Callable[[SecureKafka], Conf]] = {
    "plain": with_plain,
    "scram-256": lambda kafka: with_scram(kafka, "SCRAM-SHA-256"),
    "scram-512": lambda kafka: with_scram(kafka, "SCRAM-SHA-512"),
    "oauthbearer": with_token,
    "tls": over_tls,
    "mtls": with_certificate,
}


def changed(conf: Conf, url: str = "", **kafka: object) -> Conf:
    """A configuration with another URL, or other properties."""
    properties = {**conf.get("kafka", {}), **{key.replace("_", "."): kafka[key] for key in kafka}}
    return {**conf, "broker_url": url or conf["broker_url"], "kafka": properties}


def prepared(stage: Stage, conf: Conf) -> Stage:
    """A stage on which all go this way."""
    stage.conf |= {name: value for name, value in conf.items() if name != "kafka"}
    stage.configure(kafka=conf.get("kafka", {}), publish_timeout=3)
    return stage


@pytest.fixture
def stage(secure_kafka: SecureKafka, open_stage: Callable[..., Stage]) -> Stage:
    return open_stage(secure_kafka.address)


@pytest.mark.parametrize("way", WAYS)
def test_a_task_goes_every_way_and_no_password_is_shown(
    stage: Stage, secure_kafka: SecureKafka, way: str
) -> None:
    prepared(stage, WAYS[way](secure_kafka))
    stage.worker("threads", 1)
    stage.note("done")
    stage.until_noted("done")
    stage.until(lambda: sum(stage.committed().values()) == 1)

    [log] = stage.folder.glob("worker-*.log")
    assert not [secret for secret in SECRETS if secret in log.read_text()]


#: What is wrong, how the configuration gets so, and what the error says.
WRONG: dict[str, tuple[Callable[[SecureKafka], Conf], str]] = {
    "password": (
        lambda kafka: changed(with_plain(kafka), f"kafka://{USER}:wrong-secret@{kafka.sasl}"),
        "Invalid username or password; correct the user",
    ),
    "scram password": (
        lambda kafka: changed(
            with_scram(kafka, "SCRAM-SHA-256"), f"kafka://{USER}:wrong-secret@{kafka.sasl}"
        ),
        "invalid credentials with SASL mechanism SCRAM-SHA-256; correct the user",
    ),
    "mechanism": (
        lambda kafka: changed(with_certificate(kafka), sasl_mechanism="SCRAM-SHA-256"),
        "supported mechanisms: PLAIN; set sasl.mechanism",
    ),
    "authority": (
        lambda kafka: changed({**over_tls(kafka), "broker_use_ssl": True}),
        "name its authority's file as ssl.ca.location",
    ),
    "no certificate": (
        lambda kafka: {
            "broker_url": f"kafka://{USER}:{PASSWORD}@{kafka.both}",
            "kafka": {"ssl.ca.location": str(kafka.authority)},
        },
        "the broker refuses our certificate",
    ),
    "tls to a plain port": (
        lambda kafka: changed(over_tls(kafka), f"kafka://{kafka.address}"),
        "this port does not speak TLS",
    ),
    "plain to a tls port": (
        lambda kafka: {"broker_url": f"kafka://{kafka.tls}"},
        "whether it wants TLS or a password",
    ),
    "plain to a sasl port": (
        lambda kafka: {"broker_url": f"kafka://{kafka.sasl}"},
        "whether it wants TLS or a password",
    ),
    "sasl to a plain port": (
        lambda kafka: changed(with_plain(kafka), f"kafka://{USER}:{PASSWORD}@{kafka.address}"),
        "this port asks for no password",
    ),
    "refused": (
        lambda _: {"broker_url": f"kafka://127.0.0.1:{free_ports(1)[0]}"},
        "nothing listens there",
    ),
    "host": (
        lambda _: {"broker_url": "kafka://no-such-host.invalid:9092"},
        "there is no such host",
    ),
}


@pytest.mark.parametrize(
    ("what", "creation"),
    [*((what, "create") for what in WRONG), ("password", "auto"), ("authority", "auto")],
)
def test_what_is_wrong_is_said_with_the_brokers_name_and_what_to_do(
    secure_kafka: SecureKafka,
    what: str,
    creation: str,
    fresh: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By topic administration and by the producer."""
    caplog.set_level(logging.DEBUG)
    make, expected = WRONG[what]
    conf = make(secure_kafka)
    options = {
        "kafka": conf.pop("kafka", {}),
        "publish_timeout": 2,
        "topic_creation": creation,
        # kombu's pools give one connection to all that differ by `broker_use_ssl` only.
        "client_id": fresh,
    }
    app = publisher({**conf, "broker_transport_options": options})
    brokers = conf["broker_url"].rpartition("//")[2].rpartition("@")[2]

    began = time.monotonic()
    with pytest.raises(OperationalError) as caught:
        app.send_task("note", ("a", "b"), queue="any")

    assert time.monotonic() - began < 10
    assert f"Kafka at {brokers}" in str(caught.value)
    assert expected in str(caught.value)
    said = f"{caught.value}{caught.value!r}{app.connection()!r}{caplog.text}"
    assert not [secret for secret in SECRETS if secret in said]
    app.close()


@pytest.mark.parametrize(
    ("creation", "expected"),
    [
        ("create", "does not show it yet, or not to this user"),
        ("verify", "or does not show it to this user; create it"),
        ("auto", "allow this user to describe, read and write the topic, and to create it"),
    ],
)
def test_missing_rights_are_named(
    secure_kafka: SecureKafka, fresh: str, creation: str, expected: str
) -> None:
    secure_kafka.forbid(fresh)
    conf = changed(with_plain(secure_kafka), f"kafka://{GUEST}:{PASSWORD}@{secure_kafka.sasl}")
    app = publisher(
        {
            "broker_url": conf["broker_url"],
            "broker_transport_options": {
                "kafka": conf["kafka"],
                "publish_timeout": 2,
                "topic_creation": creation,
            },
        }
    )
    with pytest.raises(OperationalError) as caught:
        app.send_task("note", ("a", "b"), queue=fresh)
    assert expected in str(caught.value)
    assert secure_kafka.sasl in str(caught.value)
    app.close()


def test_a_worker_says_in_its_log_what_is_wrong(stage: Stage, secure_kafka: SecureKafka) -> None:
    url = f"kafka://{USER}:wrong-secret@{secure_kafka.sasl}"
    prepared(stage, changed(with_plain(secure_kafka), url))
    stage.worker("threads", 1)
    [log] = stage.folder.glob("worker-*.log")
    stage.until(lambda: "correct the user, the password or sasl.mechanism" in log.read_text())
    assert f"Kafka at {secure_kafka.sasl}" in log.read_text()
    assert "wrong-secret" not in log.read_text()
