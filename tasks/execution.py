"""The runner's task: execute a shard and report what happens.

A runner that is asked to leave finishes the cases that run. What it has not begun of their shards
it gives back by an event: only the platform knows which cases are open and which attempt is next,
and a message that is merely put back would have all cases executed again.

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
from app.domain.results import CaseFinished, Event
from app.errors import PlatformError
from app.messages import commands, events, topics
from app.messages.sealing import Seal
from app.settings import RunnerSettings, read
from bridge import broker
from bridge.kafka.lending import Producers
from bridge.kafka.producer import EventProducer
from bridge.kafka.tail import Tail
from tasks import fitting, introduction
from tasks.app import create
from tasks.cancellations import Cancellations
from tasks.revocation import ShardTask
from worker.cage.policy import Policy
from worker.cage.wish import Wish
from worker.engine import Engine

app = create("runner")

_log = structlog.stdlib.get_logger(__name__)


@app.task(name=topics.Task.EXECUTE_SHARD, base=ShardTask, bind=True, shared=False)  # type: ignore[untyped-decorator]  # untyped
def execute_shard(task: ShardTask, sealed_shard: str) -> None:
    """Execute a shard; its message is done once all of its events are confirmed."""
    settings = read(RunnerSettings)
    shard = commands.open_shard(sealed_shard, Seal(settings.secret))
    tools, is_revoked = _tools(), task.revocation()
    happenings = tools.engine.execute(
        shard,
        cancelled=lambda: is_revoked() or tools.cancellations.holds(shard.run_id),
        leaving=_leaving.is_set,
    )
    with (
        tools.producers.lent() as producer,
        # Where publishing fails, the case that runs is ended before the shard is put back.
        closing(cast("Generator[Event, None, None]", happenings)),
    ):
        report(shard, happenings, producer)


def report(shard: Shard, happenings: Iterator[Event], reporter: introduction.Reporter) -> None:
    """Publish what happens while it happens, and wait until all of it is confirmed.

    Where less happens than the shard has cases, the rest is given back.
    """
    to_do = len(shard.cases)
    for event in happenings:
        reported = events.Reported(shard.run_id, shard.number, shard.attempt, event)
        envelope = events.wrap(reported, event_id=str(uuid.uuid4()), key=shard.run_id)
        reporter.publish(topics.TEST_RESULTS.name, fitting.fit(envelope, reported))
        to_do -= isinstance(event, CaseFinished)
    if to_do:
        _give_back(shard, reporter)
        _log.info("shard.given_back", run=shard.run_id, shard=shard.number, cases=to_do)
    reporter.flush()


def _give_back(shard: Shard, reporter: introduction.Reporter) -> None:
    returned = events.ShardReturned(shard.run_id, shard.number, shard.attempt)
    # Of the same key as the reports before it, so that it is heard after them.
    envelope = events.wrap(returned, event_id=str(uuid.uuid4()), key=shard.run_id)
    reporter.publish(topics.TEST_RESULTS.name, envelope)


@dataclass(frozen=True, slots=True)
class Tools:
    """What a runner keeps from its first shard to its end."""

    engine: Engine
    cancellations: Cancellations
    producers: Producers


#: Set once this process has been asked to end.
_leaving = threading.Event()

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
    security = broker.security(settings)
    producers = Producers(lambda: EventProducer(settings.kafka_brokers, options=security))
    _owned.callback(producers.close)
    tail = Tail(
        settings.kafka_brokers,
        topics.RUN_EVENTS.name,
        cancellations.hear,
        options=security,
        # Between two shards nobody else asks them.
        on_poll=producers.serve,
    )
    _owned.callback(tail.close)
    return Tools(engine, cancellations, producers)


@signals.worker_init.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _warm_up(**_: object) -> None:
    """Have everything ready before the first shard comes; what it cannot work with ends the worker.

    Celery goes on after any other exception of this function.
    """
    try:
        _tools()
    except PlatformError as error:
        _log.error("runner.refused", reason=str(error))
        sys.exit(1)


@signals.worker_ready.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _introduce(**_: object) -> None:
    tools, settings = _tools(), read(RunnerSettings)
    started = introduction.event(socket.gethostname(), settings.cage, tools.engine.cage)
    # One for each shard at once: the first events of a run are not to wait for a connection.
    tools.producers.prepare(settings.runner_concurrency)
    introduction.publish(started, tools.producers.lent())


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _leave(**_: object) -> None:
    """Begin no further case; Celery then waits for the tasks that run, and acknowledges them."""
    _leaving.set()


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]  # Celery is untyped
def _close(**_: object) -> None:
    _owned.close()
