"""The loop of every event handler: take a batch, have it handled, commit.

Two things may go wrong, and only two: "later" (the database is away: wait and hand the same batch
over again) and "never" (this event cannot be handled: put it aside as a dead letter and go on).
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from confluent_kafka import Consumer

from app.errors import InvalidInputError, PlatformError
from bridge.kafka import clients, dead_letter, records
from bridge.kafka.membership import Member, Pace
from bridge.kafka.producer import EventProducer
from bridge.kafka.records import Received, Record

#: Pauses between attempts: soon at first, since most outages are short.
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0

_log = logging.getLogger(__name__)


class Handler(Protocol):
    """Does something about events, in one transaction per batch; repetitions are harmless."""

    def handle(self, batch: Sequence[Received]) -> None:
        """Handle the events or raise; all of them are handed over again then."""
        ...


def is_transient(error: Exception) -> bool:
    """Whether the same events may be handled later: errors of ours that say so."""
    return isinstance(error, PlatformError) and not error.permanent


def run(
    handler: Handler,
    *,
    brokers: str,
    group: str,
    topics: Iterable[str],
    stop: threading.Event,
    options: clients.Options | None = None,
    on_poll: Callable[[], None] = lambda: None,
    transient: Callable[[Exception], bool] = is_transient,
    pace: Pace | None = None,
) -> None:
    """Handle the events of `topics` as a member of `group` until `stop` is set.

    `on_poll` is called at least every second or so while the loop lives, except during
    `handler.handle`: liveness hangs on it. `transient` decides which foreign errors of the
    handler are worth waiting for, beside UnavailableError. What is handled is committed before
    this returns. Raises KafkaException where librdkafka gives up for good.
    """
    pace = pace or Pace()
    with contextlib.closing(EventProducer(brokers, options=options)) as producer:
        consumer = Consumer(clients.consumer(brokers, group, options))
        member = Member(consumer, topics, on_poll=on_poll, pace=pace)
        loop = _Loop(handler, member, producer, stop, transient)
        try:
            while not stop.is_set():
                loop.turn()
        finally:
            member.close()


@dataclass(frozen=True, slots=True)
class _Item:
    """A record, and either its event or the reason why there is none."""

    record: Record
    received: Received | None
    reason: str = ""


class _Loop:
    def __init__(
        self,
        handler: Handler,
        member: Member,
        producer: EventProducer,
        stop: threading.Event,
        transient: Callable[[Exception], bool],
    ) -> None:
        self._handler = handler
        self._member = member
        self._producer = producer
        self._stop = stop
        self._transient = transient

    def turn(self) -> None:
        """Settle one batch and commit it."""
        taken = self._member.take()
        if not taken:
            return
        items = [_read(record) for record in taken]
        dead = [item for item in items if item.received is None]
        alive = [item for item in items if item.received is not None]
        if self._settle(dead) and self._settle(alive):
            self._member.finish(taken)

    def _settle(self, items: list[_Item]) -> bool:
        """Handle or bury every item; false where the loop had to stop before that was done."""
        pauses = _pauses()
        while items:
            try:
                self._attempt(items)
            except Exception as error:  # noqa: BLE001 - the consumer loop decides what each means
                if not (is_transient(error) or self._transient(error)):
                    return self._settle_apart(items, error)
                _log.warning("consumer.waited group_error=%s events=%d", error, len(items))
                self._member.hold(next(pauses))
                if self._stop.is_set():
                    return False
                items = [item for item in items if not self._member.has_lost(item.record)]
            else:
                break
        return True

    def _settle_apart(self, items: list[_Item], error: Exception) -> bool:
        if len(items) > 1:
            return all(self._settle([item]) for item in items)
        if items[0].received is None:
            raise error
        _log.error("consumer.handler_failed", exc_info=error)
        return self._settle([replace(items[0], received=None, reason=_reason(error))])

    def _attempt(self, items: list[_Item]) -> None:
        events = [item.received for item in items if item.received is not None]
        if events:
            self._handler.handle(events)
        else:
            for item in items:
                dead_letter.put(self._producer, item.record, item.reason)
            self._producer.flush()


def _read(record: Record) -> _Item:
    try:
        return _Item(record, records.read(record))
    except InvalidInputError as error:
        return _Item(record, None, str(error))


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _pauses() -> Iterator[float]:
    # The exponent is bounded, since a pause of 2**5000 is no number.
    return (
        min(FIRST_PAUSE_SECONDS * 2 ** min(attempt, 16), LONGEST_PAUSE_SECONDS)
        for attempt in itertools.count()
    )
