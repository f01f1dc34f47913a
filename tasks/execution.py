"""The runner's task: execute a shard and report what happens.

Nothing here reaches the database: the plan comes sealed in the message, results leave as events,
and that a run was cancelled is heard as everybody hears it.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

from celery import signals

from app.domain.plans import Shard
from app.domain.results import Event
from app.messages import commands, events, topics
from app.messages.sealing import Seal
from app.settings import RunnerSettings, read
from bridge.kafka.producer import EventProducer
from bridge.kafka.tail import Tail
from tasks import fitting
from tasks.app import create
from tasks.base import PlatformTask
from tasks.cancellations import Cancellations
from worker.engine import Engine

app = create("runner")


class Reporter(Protocol):
    """Publishes events, confirmed once flushed."""

    def publish(self, topic: str, envelope: events.Envelope) -> None:
        """Hand an event over."""
        ...

    def flush(self) -> None:
        """Raises UnavailableError unless everything is confirmed."""
        ...


@app.task(name=topics.Task.EXECUTE_SHARD, base=PlatformTask, shared=False)  # type: ignore[untyped-decorator]  # untyped
def execute_shard(sealed_shard: str) -> None:
    """Execute a shard; its message is done once all of its events are confirmed."""
    settings = read(RunnerSettings)
    shard = commands.open_shard(sealed_shard, Seal(settings.secret))
    tools = _tools()
    happenings = tools.engine.execute(
        shard, cancelled=lambda: tools.cancellations.holds(shard.run_id)
    )
    # A producer of its own: what other threads publish may fail without failing this shard.
    with (
        closing(EventProducer(settings.kafka_brokers)) as producer,
        # Where publishing fails, the case that runs is ended before the shard is put back.
        closing(cast("Generator[Event, None, None]", happenings)),
    ):
        report(shard, happenings, producer)


def report(shard: Shard, happenings: Iterator[Event], reporter: Reporter) -> None:
    """Publish what happens while it happens, and wait until all of it is confirmed."""
    for event in happenings:
        reported = events.Reported(shard.run_id, shard.number, shard.attempt, event)
        envelope = events.wrap(reported, event_id=str(uuid.uuid4()), key=shard.run_id)
        reporter.publish(topics.TEST_RESULTS.name, fitting.fit(envelope, reported))
    reporter.flush()


@dataclass(frozen=True, slots=True)
class Tools:
    """What a runner keeps from its first shard to its end."""

    engine: Engine
    cancellations: Cancellations


_owned = ExitStack()
_making = threading.Lock()


def _tools() -> Tools:
    with _making:
        return _made()


@cache
def _made() -> Tools:
    cancellations = Cancellations()
    brokers = read(RunnerSettings).kafka_brokers
    tail = Tail(brokers, topics.RUN_EVENTS.name, cancellations.hear)
    _owned.callback(tail.close)
    return Tools(_owned.enter_context(Engine()), cancellations)


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _close(**_: object) -> None:
    _owned.close()
