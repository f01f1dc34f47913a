"""What librdkafka logs while its broker is away."""

from __future__ import annotations

import logging
import time

import pytest
from confluent_kafka import Producer

from bridge.transport import address, chatter, options
from tests.kafka_server.broker import free_ports

PATIENCE = 20.0


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [it.getMessage() for it in caplog.records if "FAIL" in it.getMessage()]


def try_in_vain(caplog: pytest.LogCaptureFixture, *, until_logged: bool) -> int:
    """Let a client look for a broker that is away; how often it failed."""
    [port] = free_ports(1)
    heard: list[object] = []
    config = options.Options().producer(address.parse(f"127.0.0.1:{port}"))
    producer = Producer({**config, "error_cb": heard.append})
    deadline = time.monotonic() + PATIENCE
    while not heard or (until_logged and not failures(caplog)):
        assert time.monotonic() < deadline
        producer.poll(0.05)
    producer.poll(0.2)
    return len(heard)


def test_each_attempt_in_vain_is_not_a_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, chatter.LOGGER.name)
    assert try_in_vain(caplog, until_logged=False) > 0
    assert failures(caplog) == []


def test_who_looks_closely_sees_each_attempt(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, chatter.LOGGER.name)
    assert try_in_vain(caplog, until_logged=True) > 0


def test_other_lines_stand(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, chatter.LOGGER.name)
    chatter.LOGGER.warning("%s [%s] %s", "CONFWARN", "client", "an option is old")
    chatter.LOGGER.warning("without arguments")
    assert [it.getMessage() for it in caplog.records] == [
        "CONFWARN [client] an option is old",
        "without arguments",
    ]
