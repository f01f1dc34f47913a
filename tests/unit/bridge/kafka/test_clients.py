"""What clients of domain events log while their broker is away."""

from __future__ import annotations

import logging
import time
from collections import Counter

import pytest
from confluent_kafka import Producer

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
