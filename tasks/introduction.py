"""What a runner tells of itself when it starts: on its metrics, and to the platform."""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager
from typing import Protocol

import structlog

from app import metrics
from app.errors import UnavailableError
from app.messages import events, topics
from bridge.kafka.clients import DELIVERY_TIMEOUT_SECONDS
from worker.cage.layers import WHAT
from worker.cage.report import Finding, Report

#: The runner waits for it, and may be asked to leave meanwhile.
PATIENCE_SECONDS = 5.0

_log = structlog.stdlib.get_logger(__name__)


class Reporter(Protocol):
    """Publishes events, confirmed once flushed."""

    def publish(self, topic: str, envelope: events.Envelope) -> None:
        """Hand an event over."""
        ...

    def flush(self, timeout: float = DELIVERY_TIMEOUT_SECONDS) -> None:
        """Raises UnavailableError unless everything is confirmed within so many seconds."""
        ...


def measure(cage: Report) -> None:
    """Show the layers of the cage among the metrics."""
    for finding in cage.findings:
        metrics.CAGE_LAYERS.labels(str(finding.layer)).set(finding.holds)


def event(runner: str, policy: str, cage: Report) -> events.RunnerStarted:
    """The news that a runner has started."""
    return events.RunnerStarted(runner, policy, tuple(map(_layer, cage.findings)))


def _layer(finding: Finding) -> events.CageLayer:
    return events.CageLayer(
        name=str(finding.layer),
        what=WHAT[finding.layer],
        holds=finding.holds,
        note=finding.note,
        advice=finding.advice,
    )


def publish(started: events.RunnerStarted, lent: AbstractContextManager[Reporter]) -> None:
    """Tell the platform. Where Kafka is away the runner works all the same, and nobody knows it."""
    envelope = events.wrap(started, event_id=str(uuid.uuid4()), key=started.runner)
    try:
        with lent as reporter:
            reporter.publish(topics.TEST_RESULTS.name, envelope)
            reporter.flush(PATIENCE_SECONDS)
    except UnavailableError as error:
        _log.warning("runner.not_introduced", reason=str(error))
