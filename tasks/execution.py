"""The runner's task: execute a shard and report what happens.

Nothing here reaches the database: the plan comes sealed in the message, results leave as events.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import cache
from typing import Protocol, cast

from celery import signals

from app.domain.plans import Shard
from app.domain.results import Event
from app.messages import commands, events, topics
from app.messages.sealing import Seal
from app.settings import RunnerSettings, read
from bridge.kafka.producer import EventProducer
from tasks import fitting
from tasks.app import create
from tasks.base import PlatformTask
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
    # A producer of its own: what other threads publish may fail without failing this shard.
    with (
        closing(EventProducer(settings.kafka_brokers)) as producer,
        # Where publishing fails, the case that runs is ended before the shard is put back.
        closing(cast("Generator[Event, None, None]", _engine().execute(shard))) as happenings,
    ):
        report(shard, happenings, producer)


def report(shard: Shard, happenings: Iterator[Event], reporter: Reporter) -> None:
    """Publish what happens while it happens, and wait until all of it is confirmed."""
    for event in happenings:
        reported = events.Reported(shard.run_id, shard.number, shard.attempt, event)
        envelope = events.wrap(reported, event_id=str(uuid.uuid4()), key=shard.run_id)
        reporter.publish(topics.TEST_RESULTS.name, fitting.fit(envelope, reported))
    reporter.flush()


@cache
def _engine() -> Engine:
    """The process's own engine, made with the first shard."""
    engine = Engine()
    engine.__enter__()
    return engine


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _close_engine(**_: object) -> None:
    if _engine.cache_info().currsize:
        _engine().__exit__(None, None, None)
