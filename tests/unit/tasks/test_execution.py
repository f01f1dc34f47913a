"""Reporting a shard, with an engine and a reporter made by hand."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from celery import signals
from structlog.testing import capture_logs

from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CaseStarted
from app.errors import InvalidInputError, UnavailableError
from app.messages import events
from app.messages.events import DomainEvent, Envelope, Reported, ShardReturned
from tasks import execution
from tests.processes import SECRET

CASES = tuple(PlannedCase(name, "GET /", f"test_{name}.py", "") for name in "cd")
SHARD = Shard("run-1", 4, 2, Target("http://api.test"), CASES[:1], "{}")
HAPPENINGS = (CaseStarted("c"), CaseFinished("c", Outcome.PASSED))


class Reporter:
    """Confirms what was published when it is flushed, unless it is away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away = is_away
        self.published: list[tuple[str, Envelope]] = []
        self.confirmed = 0

    def publish(self, topic: str, envelope: Envelope) -> None:
        self.published.append((topic, envelope))

    def flush(self, timeout: float = 30.0) -> None:  # noqa: ARG002 - the fake confirms at once
        if self.is_away:
            raise UnavailableError("Kafka is away.")
        self.confirmed = len(self.published)

    def read(self) -> list[DomainEvent]:
        """What was published."""
        return [events.read(envelope.type, envelope.body) for _, envelope in self.published]


def test_every_event_is_published_in_order_under_the_key_of_its_run() -> None:
    reporter = Reporter()
    execution.report(SHARD, iter(HAPPENINGS), reporter)
    assert reporter.read() == [Reported("run-1", 4, 2, event) for event in HAPPENINGS]
    assert {topic for topic, _ in reporter.published} == {"test_results"}
    assert {envelope.key for _, envelope in reporter.published} == {"run-1"}
    assert len({envelope.id for _, envelope in reporter.published}) == len(HAPPENINGS)


def test_it_returns_only_when_everything_is_confirmed() -> None:
    reporter = Reporter()
    execution.report(SHARD, iter(HAPPENINGS), reporter)
    assert reporter.confirmed == len(HAPPENINGS)
    with pytest.raises(UnavailableError):
        execution.report(SHARD, iter(HAPPENINGS), Reporter(is_away=True))


def test_what_was_not_begun_is_given_back_after_all_else() -> None:
    reporter = Reporter()
    execution.report(replace(SHARD, cases=CASES), iter(HAPPENINGS), reporter)
    assert reporter.read() == [
        *(Reported("run-1", 4, 2, event) for event in HAPPENINGS),
        ShardReturned("run-1", 4, 2),
    ]
    assert {envelope.key for _, envelope in reporter.published} == {"run-1"}
    assert reporter.confirmed == 3


def test_a_runner_that_is_asked_to_end_begins_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_leaving", threading.Event())
    signals.worker_shutting_down.send(sender="runner", sig="SIGTERM", how="Warm", exitcode=0)
    assert execution._leaving.is_set()


def test_a_shard_sealed_with_another_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it becomes a dead letter, and does not come back."""
    monkeypatch.setenv("TESTOPS_SECRET_KEY", SECRET)
    with pytest.raises(InvalidInputError, match="seal"):
        execution.execute_shard(sealed_shard="no seal of ours")


def test_a_runner_whose_cage_is_too_weak_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the reason, before it takes any work."""

    def refuse() -> execution.Tools:
        raise UnavailableError("Test scripts are not run here.")

    monkeypatch.setattr(execution, "_tools", refuse)
    with capture_logs() as logs, pytest.raises(SystemExit) as ended:
        execution._warm_up()
    assert ended.value.code == 1
    assert [(log["event"], log["reason"]) for log in logs] == [
        ("runner.refused", "Test scripts are not run here.")
    ]


def test_a_worker_that_executed_nothing_has_nothing_to_close() -> None:
    execution._close()
    assert execution._made.cache_info().currsize == 0
