"""Hearing what is said to everybody, on the embedded broker."""

from __future__ import annotations

import logging
from contextlib import closing

import pytest
from confluent_kafka import Producer

from app.messages import events
from bridge.kafka import clients
from bridge.kafka.producer import EventProducer
from bridge.kafka.tail import Tail
from tests.waiting import wait_until


def told(number: int) -> events.GenerationFinished:
    return events.GenerationFinished(f"g{number}", "s", written=number, failed=0)


def say(brokers: str, topic: str, *numbers: int) -> None:
    with closing(EventProducer(brokers)) as producer:
        for number in numbers:
            event = told(number)
            producer.publish(topic, events.wrap(event, event_id=f"e{number}", key="k"))
        producer.flush()


def test_every_process_hears_what_was_said_shortly_before_and_since(
    embedded_broker: str, fresh: str
) -> None:
    say(embedded_broker, fresh, 1, 2)
    first: list[events.DomainEvent] = []
    second: list[events.DomainEvent] = []
    with (
        closing(Tail(embedded_broker, fresh, first.append)),
        closing(Tail(embedded_broker, fresh, second.append)),
    ):
        wait_until(lambda: len(first) == len(second) == 2, "what was said before is heard")
        say(embedded_broker, fresh, 3)
        wait_until(lambda: len(first) == len(second) == 3, "what was said since is heard")
    assert first == second == [told(1), told(2), told(3)]


def test_what_cannot_be_read_is_passed_over(
    embedded_broker: str, fresh: str, caplog: pytest.LogCaptureFixture
) -> None:
    producer = Producer(clients.producer(embedded_broker))
    producer.produce(fresh, b"{", key=b"k")
    producer.flush()
    heard: list[events.DomainEvent] = []
    with closing(Tail(embedded_broker, fresh, heard.append)):
        say(embedded_broker, fresh, 1)
        wait_until(lambda: heard == [told(1)], "the next event is heard")
    assert "kafka.tail_passed_over" in caplog.text


def test_a_broker_that_is_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Until the tail is closed; work goes on meanwhile, only cancelling is not heard."""
    monkeypatch.setattr("bridge.kafka.tail._ASK_SECONDS", 0.1)
    monkeypatch.setattr("bridge.kafka.tail._RETRY_SECONDS", 0.1)
    caplog.set_level(logging.WARNING)
    polls: list[None] = []
    with closing(Tail("127.0.0.1:9", "news", print, on_poll=lambda: polls.append(None))):
        wait_until(lambda: caplog.text.count("kafka.tail_waited") > 1, "it is asked again")
    assert polls
