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
from app.services import outbox
from app.settings import Settings
from bridge import broker, relay, retries
from bridge.commands import CommandPublisher
from bridge.handlers.analytics import AnalyticsHandler
from bridge.handlers.dead_letters import DeadLettersHandler
from bridge.handlers.notifications import NotificationsHandler
from bridge.handlers.results import ResultsHandler
from bridge.heartbeat import Heartbeat
from bridge.kafka import consumer, dead_letter, records
from bridge.kafka.producer import EventProducer
from bridge.kafka.records import Received, Record
from bridge.notifiers.apprise import AppriseNotifier
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
        closing(EventProducer(settings.kafka_brokers)) as events,
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
    """Tell people about finished runs."""
    handler = NotificationsHandler(around.sessions, AppriseNotifier(), around.settings)
    _consume(handler, topics.Group.NOTIFICATIONS, topics.RUN_EVENTS, around, beat)


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

    def live(name: str) -> None:
        try:
            loops[name](around, lambda: heartbeat.beat(name))
        finally:
            # One loop that ends, ends them all: whoever supervises the process starts it again.
            around.stop.set()

    with ThreadPoolExecutor(len(names)) as pool:
        ends = {name: pool.submit(live, name) for name in names}
    for name, end in ends.items():
        if error := end.exception():
            _log.error("loop.broke", loop=name, exc_info=error)
    return not any(end.exception() for end in ends.values())
