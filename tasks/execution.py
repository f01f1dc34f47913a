"""The runner's task: execute a shard and report what happens.

Nothing here reaches the database: the plan comes sealed in the message, results leave as events,
and that a run was cancelled is heard as everybody hears it.
"""

from __future__ import annotations

import socket
import sys
import threading
import uuid
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from typing import cast

import structlog
from celery import signals

from app.domain.plans import Shard
from app.domain.results import Event
from app.errors import UnavailableError
from app.messages import commands, events, topics
from app.messages.sealing import Seal
from app.settings import RunnerSettings, read
from bridge.kafka.producer import EventProducer
from bridge.kafka.tail import Tail
from tasks import fitting, introduction
from tasks.app import create
from tasks.base import PlatformTask
from tasks.cancellations import Cancellations
from worker.cage.policy import Policy
from worker.cage.wish import Wish
from worker.engine import Engine

app = create("runner")

_log = structlog.stdlib.get_logger(__name__)


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


def report(shard: Shard, happenings: Iterator[Event], reporter: introduction.Reporter) -> None:
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
    settings = read(RunnerSettings)
    engine = _owned.enter_context(Engine(cage=Wish(policy=Policy(settings.cage))))
    introduction.measure(engine.cage)
    cancellations = Cancellations()
    tail = Tail(settings.kafka_brokers, topics.RUN_EVENTS.name, cancellations.hear)
    _owned.callback(tail.close)
    return Tools(engine, cancellations)


@signals.worker_init.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _warm_up(**_: object) -> None:
    """Have everything ready before the first shard comes; a cage that is too weak ends the worker.

    Celery goes on after any other exception of this function.
    """
    try:
        _tools()
    except UnavailableError as error:
        _log.error("runner.refused", reason=str(error))
        sys.exit(1)


@signals.worker_ready.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _introduce(**_: object) -> None:
    settings = read(RunnerSettings)
    started = introduction.event(socket.gethostname(), settings.cage, _tools().engine.cage)
    with closing(EventProducer(settings.kafka_brokers)) as producer:
        introduction.publish(started, producer)


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _close(**_: object) -> None:
    _owned.close()
