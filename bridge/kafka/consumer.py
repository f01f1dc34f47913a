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
from typing import Generic, Protocol, TypeVar

from confluent_kafka import Consumer

from app.errors import InvalidInputError, PlatformError
from bridge.kafka import clients, dead_letter
from bridge.kafka.dead_share import DeadShare
from bridge.kafka.membership import Member, Pace
from bridge.kafka.producer import EventProducer
from bridge.kafka.records import Record

#: Pauses between attempts: soon at first, since most outages are short.
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

_log = logging.getLogger(__name__)


class Handler(Protocol[T_contra]):
    """Does something about events, in one transaction per batch; repetitions are harmless."""

    def handle(self, batch: Sequence[T_contra]) -> None:
        """Handle the events or raise; all of them are handed over again then."""
        ...


def is_transient(error: Exception) -> bool:
    """Whether the same events may be handled later: errors of ours that say so."""
    return isinstance(error, PlatformError) and not error.permanent


def run(
    handler: Handler[T],
    *,
    read: Callable[[Record], T],
    brokers: str,
    group: str,
    topics: Iterable[str],
    stop: threading.Event,
    options: clients.Options | None = None,
    on_poll: Callable[[], None] = lambda: None,
    transient: Callable[[Exception], bool] = is_transient,
    most_dead: float = 1.0,
    pace: Pace | None = None,
) -> None:
    """Handle the events of `topics` as a member of `group` until `stop` is set.

    `read` makes an event of a record or raises InvalidInputError.
    `on_poll` is called at least every second or so while the loop lives, except during
    `handler.handle`: liveness hangs on it. `transient` decides which foreign errors of the
    handler are worth waiting for, beside UnavailableError. What is handled is committed before
    this returns. Raises KafkaException where librdkafka gives up for good, and ConflictError where
    a larger share than `most_dead` of the events cannot be handled; the topic is not read on then.
    Raises InvalidInputError as `clients.made` does.
    """
    pace = pace or Pace()
    with contextlib.closing(EventProducer(brokers, options=options)) as producer:
        consumer = clients.made(Consumer, clients.consumer(brokers, group, options))

        def polled() -> None:
            # It publishes dead letters only.
            producer.serve()
            on_poll()

        member = Member(consumer, topics, on_poll=polled, pace=pace)
        share = DeadShare(most_dead, group)
        loop = _Loop(handler, read, member, producer, stop, transient, share)
        try:
            while not stop.is_set():
                loop.turn()
        finally:
            member.close()


@dataclass(frozen=True, slots=True)
class _Item(Generic[T]):
    """A record, and either its event or the reason why there is none."""

    record: Record
    event: T | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Loop(Generic[T]):
    handler: Handler[T]
    read: Callable[[Record], T]
    member: Member
    producer: EventProducer
    stop: threading.Event
    transient: Callable[[Exception], bool]
    share: DeadShare

    def turn(self) -> None:
        """Settle one batch and commit it."""
        taken = self.member.take()
        if not taken:
            return
        items = [self._item(record) for record in taken]
        dead = [item for item in items if item.event is None]
        self.share.take(len(items))
        self.share.bury(len(dead))
        alive = [item for item in items if item.event is not None]
        if self._settle(dead) and self._settle(alive):
            self.member.finish(taken)

    def _item(self, record: Record) -> _Item[T]:
        try:
            return _Item(record, self.read(record))
        except InvalidInputError as error:
            return _Item(record, None, str(error))

    def _settle(self, items: list[_Item[T]]) -> bool:
        """Handle or bury every item; false where the loop had to stop before that was done."""
        pauses = _pauses()
        while items:
            try:
                self._attempt(items)
            except Exception as error:  # noqa: BLE001 - the consumer loop decides what each means
                if not (is_transient(error) or self.transient(error)):
                    return self._settle_apart(items, error)
                _log.warning("consumer.waited group_error=%s events=%d", error, len(items))
                self.member.hold(next(pauses))
                if self.stop.is_set():
                    return False
                items = [item for item in items if not self.member.has_lost(item.record)]
            else:
                break
        return True

    def _settle_apart(self, items: list[_Item[T]], error: Exception) -> bool:
        if len(items) > 1:
            return all(self._settle([item]) for item in items)
        if items[0].event is None:
            raise error
        _log.error("consumer.handler_failed", exc_info=error)
        self.share.bury(1)
        return self._settle([replace(items[0], event=None, reason=_reason(error))])

    def _attempt(self, items: list[_Item[T]]) -> None:
        events = [item.event for item in items if item.event is not None]
        if events:
            self.handler.handle(events)
        else:
            for item in items:
                dead_letter.put(self.producer, item.record, item.reason)
            self.producer.flush()


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _pauses() -> Iterator[float]:
    # The exponent is bounded, since a pause of 2**5000 is no number.
    return (
        min(FIRST_PAUSE_SECONDS * 2 ** min(attempt, 16), LONGEST_PAUSE_SECONDS)
        for attempt in itertools.count()
    )
