"""The bridge's processes: what each loop does, and how several live in one process."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from app.listening import Listener
from app.messages import topics
from app.services import notifications, outbox
from app.settings import Settings
from bridge import broker, relay, retries, sending
from bridge.commands import CommandPublisher
from bridge.handlers.analytics import AnalyticsHandler
from bridge.handlers.dead_letters import DeadLettersHandler
from bridge.handlers.notifications import NotificationsHandler
from bridge.handlers.results import ResultsHandler
from bridge.heartbeat import Heartbeat
from bridge.kafka import consumer, dead_letter, records
from bridge.kafka.producer import EventProducer
from bridge.kafka.records import Received, Record
from bridge.notifiers import notifier
from bridge.watch import Watch

T = TypeVar("T")

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a loop works with."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    stop: threading.Event


#: A loop runs until `stop` is set, and calls its second argument while it lives.
Loop = Callable[[Surroundings, Callable[[], None]], None]


def run_relay(around: Surroundings, beat: Callable[[], None]) -> None:
    """Publish what the outbox holds."""
    settings = around.settings
    with (
        closing(CommandPublisher(settings, process="bridge-relay")) as commands,
        closing(EventProducer(settings.kafka_brokers, options=broker.security(settings))) as events,
        closing(Listener(around.engine, outbox.CHANNEL)) as alarm,
    ):
        relay.run(
            relay.Relay(around.sessions, commands, events),
            alarm,
            stop=around.stop,
            on_poll=beat,
        )


def run_results(around: Surroundings, beat: Callable[[], None]) -> None:
    """Write what runners report."""
    handler = ResultsHandler(around.sessions, around.settings)
    _consume(handler, topics.Group.RESULTS, topics.TEST_RESULTS, around, beat)


def run_notifications(around: Surroundings, beat: Callable[[], None]) -> None:
    """Note what is to be told, and tell it."""
    handler = NotificationsHandler(around.sessions, around.settings)
    loops: Mapping[str, Loop] = {
        "noting": lambda part, alive: _consume(
            handler, topics.Group.NOTIFICATIONS, topics.RUN_EVENTS, part, alive
        ),
        "sending": _run_sending,
    }
    _run_together(loops, around, beat)


def _run_sending(around: Surroundings, beat: Callable[[], None]) -> None:
    notifiers = notifier.of_settings(around.settings, notifier.internet(around.settings))
    sender = sending.Sender(around.sessions, notifiers, around.settings)
    with closing(Listener(around.engine, notifications.CHANNEL)) as alarm:
        sending.run(sender, alarm, stop=around.stop, on_turn=beat)


def run_analytics(around: Surroundings, beat: Callable[[], None]) -> None:
    """Keep what all runs say together, and look after the alerts."""
    handler = AnalyticsHandler(around.sessions, around.settings)
    watch = Watch(around.sessions, clock=lambda: dt.datetime.now(dt.UTC))

    def polled() -> None:
        beat()
        watch.turn()

    _consume(handler, topics.Group.ANALYTICS, topics.RUN_EVENTS, around, polled)


def run_dead_letters(around: Surroundings, beat: Callable[[], None]) -> None:
    """Keep what could not be handled."""
    handler = DeadLettersHandler(around.sessions)
    names = [topic.dead_letter for topic in topics.TOPICS]
    _follow(handler, topics.Group.DEAD_LETTERS, names, around, beat, read=dead_letter.read)


LOOPS: Mapping[str, Loop] = {
    "relay": run_relay,
    "results": run_results,
    "notifications": run_notifications,
    "analytics": run_analytics,
    "dead-letters": run_dead_letters,
}


def _consume(
    handler: consumer.Handler[Received],
    group: str,
    topic: topics.Topic,
    around: Surroundings,
    beat: Callable[[], None],
) -> None:
    _follow(handler, group, [topic.name], around, beat, read=records.read)


def _follow(
    handler: consumer.Handler[T],
    group: str,
    names: Sequence[str],
    around: Surroundings,
    beat: Callable[[], None],
    *,
    read: Callable[[Record], T],
) -> None:
    consumer.run(
        handler,
        read=read,
        brokers=around.settings.kafka_brokers,
        group=group,
        topics=names,
        stop=around.stop,
        options=broker.event_options(around.settings),
        on_poll=beat,
        transient=retries.is_transient,
        most_dead=around.settings.dead_letter_share,
    )


def run(names: Sequence[str], around: Surroundings, loops: Mapping[str, Loop] = LOOPS) -> bool:
    """Run the named loops, a thread each, until one breaks or `stop` is set.

    Returns whether all of them ended in peace.
    """
    heartbeat = Heartbeat(around.settings.heartbeat_file, names)
    ends = _live({name: loops[name] for name in names}, around, heartbeat.beat)
    for name, error in ends.items():
        _log.error("loop.broke", loop=name, exc_info=error)
    return not ends


def _run_together(
    loops: Mapping[str, Loop], around: Surroundings, beat: Callable[[], None]
) -> None:
    """Run parts of one loop; it beats when each of them has. Raises what one of them broke on."""
    silent = set(loops)
    lock = threading.Lock()

    def beat_of(name: str) -> None:
        with lock:
            silent.discard(name)
            if silent:
                return
            silent.update(loops)
        beat()

    for error in _live(loops, around, beat_of).values():
        raise error


def _live(
    loops: Mapping[str, Loop], around: Surroundings, beat: Callable[[str], None]
) -> Mapping[str, BaseException]:
    """Run loops until one ends, then all; what those broke on that did not end in peace."""

    def live(name: str) -> None:
        try:
            loops[name](around, lambda: beat(name))
        finally:
            # One loop that ends, ends them all: whoever supervises the process starts it again.
            around.stop.set()

    with ThreadPoolExecutor(len(loops)) as pool:
        ends = {name: pool.submit(live, name) for name in loops}
    found = {name: end.exception() for name, end in ends.items()}
    return {name: error for name, error in found.items() if error is not None}
