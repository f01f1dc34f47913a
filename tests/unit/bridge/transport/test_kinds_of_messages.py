"""Messages with a priority, with a delay, and large ones."""

from __future__ import annotations

import time

import pytest
from kombu import Queue

from bridge.transport.errors import PublishError
from tests.unit.bridge.transport.line import Line, dead_letters


def test_a_high_priority_overtakes_and_a_low_one_still_comes(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh, priorities=3)
    line.publish(*[f"low {number}" for number in range(5)])
    line.publish(*[f"high {number}" for number in range(20)], priority=9)
    line.publish("middle", priority=1)
    with line.consumer() as consumer:
        consumer.qos(prefetch_count=1)
        line.drain_until(lambda: line.taken)
        line.drain_until(lambda: len(line.connection.transport._backlog) == 25)
        consumer.qos(prefetch_count=0)
        line.drain_until(lambda: len(line.taken) == 26)
    order = [body.split()[0] for body in line.bodies()[1:]]
    line.connection.close()
    assert order.index("high") < 2
    assert {"low", "middle"} < set(order[:18])
    assert order[-2:] == ["low"] * 2


def test_a_requeued_message_keeps_its_priority_and_a_rejected_one_finds_its_dead_letter(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh, priorities=3)
    line.publish("a", priority=2)
    with line.consumer():
        line.drain_until(lambda: line.taken)
        line.taken[0].requeue()
        line.drain_until(lambda: len(line.taken) == 2)
        assert line.taken[1].record.topic() == f"{fresh}.p2"
        line.taken[1].reject()
        [letter] = dead_letters(line, 1)
    line.connection.close()
    assert letter.properties["priority"] == 2
    assert dict(letter.record.headers())["x-origin-topic"] == f"{fresh}.p2".encode()


def test_a_queue_may_be_declared_with_its_highest_priority(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh)
    line.queue = Queue(fresh, line.queue.exchange, routing_key="key", max_priority=4)
    line.queue(line.connection.default_channel).declare()
    line.publish("a", priority=7)
    with line.consumer():
        line.drain_until(lambda: line.taken)
    line.connection.close()
    assert line.taken[0].record.topic() == f"{fresh}.p4"


def test_a_delayed_message_comes_after_its_delay(embedded_broker: str, fresh: str) -> None:
    line = Line(embedded_broker, fresh, topic_prefix="delayed")
    began = time.monotonic()
    line.publish("later", delay=1.2, message_key="one")
    with line.producer.batch():
        line.publish("later still", delay=1.3, message_key="one")
    line.publish("at once")
    with line.consumer():
        line.drain_until(lambda: len(line.taken) == 3)
    line.connection.close()
    assert line.bodies() == ["at once", "later", "later still"]
    assert time.monotonic() - began >= 1
    assert line.taken[1].record.topic() == f"delayed{fresh}"


def test_without_delays_nobody_looks_for_them(embedded_broker: str, fresh: str) -> None:
    line = Line(embedded_broker, fresh, delay_threshold=None)
    line.publish("a", delay=60)
    with line.consumer():
        line.drain_until(lambda: line.taken)
        assert line.connection.transport._mover is None
    line.connection.close()


def test_a_message_as_large_as_allowed_can_still_be_put_aside(
    embedded_broker: str, fresh: str
) -> None:
    line = Line(embedded_broker, fresh, max_message_bytes=5000)
    with pytest.raises(PublishError, match=r"too large: .* at most 5000"):
        line.publish("x" * 5000)
    line.publish("x" * 4500)
    with line.consumer():
        line.drain_until(lambda: line.taken)
        line.taken[0].requeue()
        line.drain_until(lambda: len(line.taken) == 2)
        line.taken[1].channel.put_aside(
            line.taken[1].record, line.taken[1].delivery, "reason " * 1000
        )
        [letter] = dead_letters(line, 1)
    line.connection.close()
    assert letter.decode() == "x" * 4500
    assert letter.delivery_info["delivery_count"] == 0
