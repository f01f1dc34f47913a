"""Publishes what the outbox holds: commands for Celery's queues, events for `run_events`.

A message is removed only after the broker has confirmed it, so a relay that dies publishes some
messages again; commands carry a task id and events an event id by which a repetition is known.
What the broker refuses for good, as it is too large for it, is put among the dead letters.
Several relays share the outbox by its lanes: whoever holds a lane's lock takes its messages, so
that nobody overtakes within a key.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from app import metrics
from app.errors import PlatformError
from app.messages.commands import Command
from app.messages.events import Envelope
from app.models.dead_letter import DeadLetter
from app.models.outbox_message import OutboxMessage
from app.services import dead_letters, outbox
from bridge import retries

#: Messages of a lane published in one transaction.
BATCH = 200

#: How soon messages are found when no notification of PostgreSQL woke the relay.
POLL_SECONDS = 1.0

#: Any constant: the first half of the advisory locks, of which each lane has one.
LOCK = 0x7E57_0B0C

_log = structlog.stdlib.get_logger(__name__)


class Commands(Protocol):
    """Publishes commands, confirmed on return."""

    def publish(self, commands: Sequence[Command]) -> None:
        """Raises UnavailableError where the broker does not confirm them all.

        Raises InvalidInputError where it never will take one of them.
        """
        ...


class Events(Protocol):
    """Publishes events, confirmed once flushed."""

    def publish(self, topic: str, envelope: Envelope) -> None:
        """Hand an event over."""
        ...

    def produce(
        self,
        topic: str,
        *,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
    ) -> None:
        """Hand any other message over."""
        ...

    def flush(self) -> None:
        """Raises UnavailableError unless everything is confirmed, InvalidInputError as above."""
        ...


class Alarm(Protocol):
    """Wakes the relay when there is something to do."""

    def wait(self, seconds: float) -> object:
        """Return when messages may have arrived, at the latest after `seconds`."""
        ...


class Relay:
    """Moves messages from the outbox to the broker, batch by batch."""

    def __init__(self, sessions: sessionmaker[Session], commands: Commands, events: Events) -> None:
        self._sessions = sessions
        self._commands = commands
        self._events = events

    def turn(self) -> int:
        """Publish the oldest messages of each lane; how many, 0 also where others are at it.

        Raises UnavailableError or an error of the database; the messages stay in the outbox then.
        """
        with self._sessions.begin() as session:
            waiting = outbox.waiting_by_lane(session)
        metrics.OUTBOX_MESSAGES.set(sum(waiting.values()))
        return sum(self._move(lane) for lane in waiting)

    def _move(self, lane: int) -> int:
        with self._sessions.begin() as session:
            # Before the messages are looked for: what the one before us could not publish is
            # there again once its lock is free.
            if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK, lane))):
                return 0
            messages = outbox.take(session, BATCH, lane=lane)
            self._publish_or_put_aside(session, messages)
            outbox.remove(session, messages)
        for topic, published in Counter(message.topic for message in messages).items():
            metrics.MESSAGES_PUBLISHED.labels(topic).inc(published)
        return len(messages)

    def _publish_or_put_aside(self, session: Session, messages: Sequence[OutboxMessage]) -> None:
        """Publish messages; one that is refused for good must not hold up all behind it."""
        try:
            self._publish(session, messages)
        except PlatformError as error:
            if not error.permanent:
                raise
            if len(messages) > 1:
                for message in messages:
                    self._publish_or_put_aside(session, [message])
                return
            [refused] = messages
            _log.error("relay.refused", topic=refused.topic, type=refused.type, reason=str(error))
            metrics.DEAD_LETTERS.labels(refused.topic).inc()
            dead_letters.put_aside(session, refused, str(error))

    def _publish(self, session: Session, messages: Sequence[OutboxMessage]) -> None:
        if commands := [_command(it) for it in messages if it.kind == outbox.COMMAND]:
            self._commands.publish(commands)
        for message in messages:
            if message.kind == outbox.REPLAY:
                self._replay(dead_letters.get(session, message.message_id))
            elif message.kind == outbox.EVENT:
                self._events.publish(message.topic, _envelope(message))
        if messages:
            self._events.flush()

    def _replay(self, letter: DeadLetter) -> None:
        headers = dead_letters.headers(letter)
        self._events.produce(letter.topic, key=letter.key, value=letter.body, headers=headers)


def run(relay: Relay, alarm: Alarm, *, stop: threading.Event, on_poll: Callable[[], None]) -> None:
    """Publish until `stop` is set; waits with growing pauses while broker or database are away."""
    pauses = retries.pauses()
    while not stop.is_set():
        on_poll()
        try:
            has_published = relay.turn() > 0
        except (PlatformError, SQLAlchemyError) as error:
            if not is_transient(error):
                raise
            _log.warning("relay.waited", reason=str(error))
            stop.wait(next(pauses))
        else:
            pauses = retries.pauses()
            if not has_published:
                alarm.wait(POLL_SECONDS)


def is_transient(error: Exception) -> bool:
    """Whether the same messages may be published later."""
    return retries.is_transient(error) or (isinstance(error, PlatformError) and not error.permanent)


def _command(message: OutboxMessage) -> Command:
    return Command(
        task=message.type,
        queue=message.topic,
        key=message.key,
        kwargs=json.loads(message.body),
        task_id=message.message_id,
        traceparent=message.traceparent,
    )


def _envelope(message: OutboxMessage) -> Envelope:
    return Envelope(
        id=message.message_id,
        key=message.key,
        type=message.type,
        body=message.body,
        traceparent=message.traceparent,
    )
