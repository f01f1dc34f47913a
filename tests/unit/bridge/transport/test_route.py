"""Where a message goes: by its queue, its priority, its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from bridge.transport import naming, route, wire
from bridge.transport.errors import OptionError
from bridge.transport.options import Options
from bridge.transport.schedule import DELAYS

NOW = 1_700_000_000.0
OPTIONS = Options(topic_prefix="p-")


def message(*, eta: object = None, **properties: object) -> dict[str, Any]:
    """A message as kombu prepares it."""
    return {
        "body": b"body",
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"id": "1", "task": "note", "eta": eta},
        "properties": {"delivery_info": {}, "message_key": "k", **properties},
    }


def eta(seconds: float) -> str:
    """A time so many seconds from now, as Celery writes it."""
    return datetime.fromtimestamp(NOW + seconds, UTC).isoformat()


def topic_of(levels: int = 1, options: Options = OPTIONS, **fields: object) -> str:
    return route.first("queue", message(**fields), options, levels, NOW).topic


def test_a_message_goes_to_its_queue() -> None:
    prepared = message()
    assert route.first("queue", prepared, OPTIONS, 1, NOW) == route.Leg(
        "p-queue", wire.encode(prepared), "p-queue"
    )


@pytest.mark.parametrize(
    ("priority", "topic"),
    [(None, "p-queue"), (0, "p-queue"), (1, "p-queue.p1"), (2, "p-queue.p2"), (9, "p-queue.p2"),
     (-1, "p-queue")],
)  # fmt: skip
def test_larger_numbers_are_higher_priorities_up_to_the_highest(
    priority: int | None, topic: str
) -> None:
    assert topic_of(levels=3, priority=priority) == topic


def test_without_levels_a_priority_means_nothing() -> None:
    assert topic_of(levels=1, priority=9) == "p-queue"


def test_a_queue_may_say_how_many_priorities_it_has() -> None:
    assert route.levels(Options(priorities=3), None) == 3
    assert route.levels(Options(), {"x-max-priority": 4}) == 5
    assert route.levels(Options(), {"x-max-priority": 255}) == 10


@pytest.mark.parametrize(
    ("time", "delay"),
    [(eta(13.4), 8), (eta(1.5), 1), (eta(10**6), 131072), ("2023-11-15T00:00:00+02:00", None),
     (eta(0.9), None), (eta(-5), None), ("no time", None), (5, None),
     ("2099-01-01T00:00:00", None)],
)  # fmt: skip
def test_a_message_that_is_due_later_goes_to_a_delay_first(time: object, delay: int | None) -> None:
    leg = route.first("queue", message(eta=time, priority=1), OPTIONS, 2, NOW)
    assert leg.topic == ("p-queue.p1" if delay is None else f"p-delay.{delay}")
    assert leg.destination == "p-queue.p1"


def test_a_delay_may_be_given_in_seconds_without_celery() -> None:
    assert topic_of(delay=5) == "p-delay.4"
    assert topic_of(delay=2.5, eta=eta(20)) == "p-delay.16"
    for wrong in ("5", float("inf")):
        with pytest.raises(OptionError, match="delay must be seconds"):
            topic_of(delay=wrong)


def test_what_is_below_the_threshold_waits_in_the_worker() -> None:
    assert topic_of(options=Options(delay_threshold=60), eta=eta(59)) == "queue"
    assert topic_of(options=Options(delay_threshold=60), eta=eta(61)) == "delay.32"
    assert topic_of(options=Options(delay_threshold=None), eta=eta(10**6)) == "queue"


@given(st.floats(0, 400_000, width=32))
def test_a_delayed_message_arrives_in_time_and_as_it_was(seconds: float) -> None:
    """From delay to delay, each waited out, until what is left is below the threshold."""
    prepared, now = message(eta=eta(seconds)), NOW
    leg = route.first("queue", prepared, OPTIONS, 1, now)
    while leg.topic != leg.destination:
        now += naming.seconds_of(leg.topic, "p-") or 0
        record = Message(
            topic=leg.topic, key=leg.message.key, value=leg.message.value,
            headers=list(leg.message.headers),
        )  # fmt: skip
        leg = route.onward(wire.waiting(record), wire.arrived(record), OPTIONS, now)
    assert now <= NOW + seconds + 0.002 <= now + 1 + 0.004
    assert leg == route.Leg("p-queue", wire.encode(prepared), "p-queue")
    assert len(DELAYS) == 18


def test_the_time_of_any_zone_is_understood() -> None:
    there = datetime.fromtimestamp(NOW + 5, UTC).astimezone() + timedelta(0)
    assert topic_of(eta=there.isoformat()) == "p-delay.4"
