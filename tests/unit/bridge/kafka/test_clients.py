"""What clients of domain events log while their broker is away."""

from __future__ import annotations

import logging
import time
from collections import Counter

import pytest
from confluent_kafka import Producer

from app.errors import InvalidInputError
from bridge.kafka import clients
from tests.kafka_server.broker import free_ports

PATIENCE = 20.0


def lines_while_away(caplog: pytest.LogCaptureFixture, attempts: int) -> Counter[str]:
    """Let a client look for its broker in vain so often; how often it said what."""
    [port] = free_ports(1)
    config = clients.producer(f"127.0.0.1:{port}")
    heard: list[object] = []

    def hear(error: object) -> None:
        heard.append(error)
        config["error_cb"](error)

    producer = Producer({**config, "error_cb": hear})
    deadline = time.monotonic() + PATIENCE
    while len(heard) < attempts:
        assert time.monotonic() < deadline
        producer.poll(0.05)
    # Others' clients, of earlier tests, may complain meanwhile.
    ours = (line for line in caplog.records if line.name.startswith("bridge.kafka"))
    return Counter(line.getMessage() for line in ours)


def test_a_broker_that_is_away_is_told_of_once_not_with_each_attempt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    said = lines_while_away(caplog, attempts=6)
    assert set(said.values()) == {1}
    assert any("Connection refused" in line for line in said)
    assert not any("FAIL" in line for line in said)


def test_who_looks_closely_sees_each_attempt(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = lines_while_away(caplog, attempts=6)
    assert sum(times for line, times in said.items() if "FAIL" in line) > 1


def test_a_configuration_shows_no_password() -> None:
    options = {"sasl.password": "s3cret", "ssl.key.password": "s3cret", "sasl.username": "alice"}
    for config in (
        clients.producer("one:1", options),
        clients.consumer("one:1", "group", options),
        clients.admin("one:1", options),
    ):
        assert config["sasl.password"] == "s3cret"
        assert "s3cret" not in repr(config)
        assert "'sasl.username': 'alice'" in repr(config)


def test_what_librdkafka_refuses_is_said_without_a_password() -> None:
    options = {
        "security.protocol": "SSL",
        "ssl.key.location": "/none",
        "ssl.key.password": "s3cret",
    }
    with pytest.raises(InvalidInputError, match=r"ssl\.key\.location failed.*at one:1") as caught:
        clients.made(Producer, clients.producer("one:1", options))
    assert "TESTOPS_KAFKA_" in str(caught.value)
    assert "s3cret" not in str(caught.value)
