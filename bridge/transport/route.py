"""Where a message goes: the topic of its queue and priority, and before that perhaps a delay's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bridge.transport import naming, schedule, wire
from bridge.transport.errors import OptionError
from bridge.transport.options import MOST_PRIORITIES, Options

#: `publish(…, delay=30)`: seconds; for those who do not use Celery's `eta`.
_DELAY_PROPERTY: Final = "delay"
#: The argument of a queue for the highest priority it has: Celery's `task_queue_max_priority`.
_MOST_PRIORITY: Final = "x-max-priority"


@dataclass(frozen=True, slots=True)
class Leg:
    """One message to one topic."""

    topic: str
    message: wire.Outgoing
    #: Where the message will be taken from in the end.
    destination: str


def levels(options: Options, arguments: Mapping[str, Any] | None) -> int:
    """How many priorities a queue has that was declared with these arguments."""
    most = (arguments or {}).get(_MOST_PRIORITY)
    return options.priorities if most is None else min(int(most) + 1, MOST_PRIORITIES)


def first(
    queue: str, prepared: Mapping[str, Any], options: Options, levels: int, now: float
) -> Leg:
    """Where a message goes that is published now (seconds since 1970).

    `prepared` is kombu's message (`prepare_message`'s shape), `levels` how many priorities the
    queue has. Raises OptionError where the property `delay` is no number.
    """
    level = min(max(int(prepared["properties"].get("priority") or 0), 0), levels - 1)
    topic = naming.level_of(naming.topic_of(queue, options.topic_prefix), level)
    message, due = wire.encode(prepared), _due(prepared, now)
    if due is None:
        return Leg(topic, message, topic)
    return onward(wire.Waiting(due, topic), message, options, now)


def onward(waiting: wire.Waiting, message: wire.Outgoing, options: Options, now: float) -> Leg:
    """Where a delayed message goes now (seconds since 1970): to its queue, or to a delay."""
    threshold = options.delay_threshold
    left = waiting.due - now
    delay = None if threshold is None else schedule.delay_for(left, threshold)
    if delay is None:
        return Leg(waiting.topic, message, waiting.topic)
    topic = naming.delay_of(delay, options.topic_prefix)
    return Leg(topic, wire.delayed(message, waiting), waiting.topic)


def _due(prepared: Mapping[str, Any], now: float) -> float | None:
    """When a message is due, in seconds since 1970."""
    delay = prepared["properties"].get(_DELAY_PROPERTY)
    times = [_moment(prepared["headers"].get("eta")), _after(delay, now)]
    return max((time for time in times if time is not None), default=None)


def _moment(eta: object) -> float | None:
    """The moment of an ISO 8601 text.

    None where there is none, and where it has no time zone: which one is meant only the task's
    worker knows, so such a message waits there.
    """
    if not isinstance(eta, str):
        return None
    try:
        moment = datetime.fromisoformat(eta)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo else None


def _after(delay: object, now: float) -> float | None:
    if delay is None:
        return None
    if not isinstance(delay, int | float) or not math.isfinite(delay):
        raise OptionError(f"The message property delay must be seconds, not {delay!r}.")
    return now + delay
