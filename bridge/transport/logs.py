"""Broadcast exchanges: which exchanges are logs, and what a queue gets of one.

A log is a topic with one partition and a short retention. Whoever binds a queue to it reads it from
the end on, without a consumer group, so that each reader gets every message. A topic for every
reply queue would have to be made and deleted for each `celery inspect`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from kombu.transport.virtual.exchange import TopicExchange

#: Celery's events, unless it is told another name.
EVENT_EXCHANGE: Final = "celeryev"

_FANOUT: Final = "fanout"
_DIRECT: Final = "direct"
#: kombu's names of a mailbox's exchanges: commands go to the one, replies to the other.
_MAILBOX_SUFFIX: Final = ".pidbox"
_REPLY_PREFIX: Final = "reply."
#: Expired messages go with their segment, so segments must be closed soon, also under a flood.
_SEGMENT_MS: Final = 60_000
_SEGMENT_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Binding:
    """Which messages of an exchange a queue wants."""

    #: What the routing key has to match; None is any.
    pattern: re.Pattern[str] | None = None

    def wants(self, routing_key: str) -> bool:
        """Whether a message with this routing key is for the queue."""
        return self.pattern is None or self.pattern.match(routing_key) is not None


def is_log(exchange: str, kind: str, *, durable: bool, named: Collection[str]) -> bool:
    """Whether an exchange is a log, for everybody who declares it alike.

    So are fanout exchanges, those that the option `log_exchanges` names, and the one that carries
    the replies to `celery inspect`. Any other routes to queues that are topics.
    """
    return (
        kind == _FANOUT
        or exchange in named
        or (kind == _DIRECT and not durable and _is_reply(exchange))
    )


def binding(kind: str, routing_key: str) -> Binding:
    """What a queue gets that is bound to an exchange of this type with this routing key."""
    if kind == _FANOUT:
        return Binding()
    if kind == _DIRECT:
        return Binding(re.compile(re.escape(routing_key) + r"\Z"))
    return Binding(re.compile(TopicExchange(None).key_to_pattern(routing_key)))


def made_with(exchange: str) -> frozenset[str]:
    """The exchanges whose logs are made together: the first reply shall not have to wait."""
    if exchange.endswith(_MAILBOX_SUFFIX) and not exchange.startswith(_REPLY_PREFIX):
        return frozenset({exchange, _REPLY_PREFIX + exchange})
    return frozenset({exchange})


def topic_config(retention_seconds: float) -> dict[str, str]:
    """How Kafka shall keep a log."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(int(retention_seconds * 1000)),
        "segment.ms": str(min(_SEGMENT_MS, int(retention_seconds * 1000))),
        "segment.bytes": str(_SEGMENT_BYTES),
    }


def _is_reply(exchange: str) -> bool:
    return exchange.startswith(_REPLY_PREFIX) and exchange.endswith(_MAILBOX_SUFFIX)
