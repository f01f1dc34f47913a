"""Reports on their way into the database."""

from __future__ import annotations

import json

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from structlog.testing import capture_logs

from app.domain.outcomes import Outcome, Status
from app.domain.results import CheckFinished
from app.errors import InvalidInputError
from app.messages import commands
from app.messages.events import Reported, RunFinished, RunnerStarted, ShardReturned
from app.messages.sealing import Seal
from app.models import Result
from app.services import outbox, runners, runs
from app.settings import Settings
from bridge.handlers.results import ResultsHandler
from tests.factories import rows
from tests.unit.bridge.handlers.received import batch


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def started(sessions: sessionmaker[Session], settings: Settings) -> tuple[str, list[Reported]]:
    """A run of one case, and what a runner reports of it."""
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=1)
        [case_id] = rows.case_ids(session, run.id)
    return run.id, rows.finished_case(run.id, case_id, Outcome.PASSED, Outcome.FAILED)


def test_a_batch_is_written_in_one_transaction(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    run_id, reports = started(sessions, settings)
    ResultsHandler(sessions, settings).handle(batch(*reports))
    with sessions() as session:
        run = runs.get(session, run_id)
        found = session.scalars(select(Result.outcome).where(Result.run_id == run_id)).all()
    assert run.status == Status.FINISHED
    assert sorted(found) == ["failed", "passed"]


def test_a_batch_that_comes_twice_is_counted_as_repeated(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    _, reports = started(sessions, settings)
    handler = ResultsHandler(sessions, settings)
    before = {
        name: value(f"testops_{name}_total")
        for name in ("results_applied", "results_duplicates", "runs_finished")
    }
    failed = value("test_cases_status", status="failed")
    handler.handle(batch(*reports))
    handler.handle(batch(*reports))
    assert value("testops_results_applied_total") == before["results_applied"] + 2
    assert value("testops_results_duplicates_total") == before["results_duplicates"] + 3
    assert value("testops_runs_finished_total") == before["runs_finished"] + 1
    assert value("test_cases_status", status="failed") == failed + 1


def test_how_long_checks_took_is_measured(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    seen = value("testops_check_duration_seconds_count", outcome="skipped")
    event = CheckFinished("c", "test_x", Outcome.SKIPPED, duration_seconds=0.5)
    ResultsHandler(sessions, settings).handle(batch(Reported("no run of ours", 0, 1, event)))
    assert value("testops_check_duration_seconds_count", outcome="skipped") == seen + 1


def test_a_runner_that_started_is_noted_beside_reports(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    run_id, reports = started(sessions, settings)
    ResultsHandler(sessions, settings).handle(batch(RunnerStarted("host", "none", ()), *reports))
    with sessions() as session:
        assert [runner.name for runner in runners.list(session)] == ["host"]
        assert runs.get(session, run_id).status == Status.FINISHED


def test_a_shard_that_was_given_back_is_published_again_after_its_reports(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=2)
        run_id, (done, left) = run.id, rows.case_ids(session, run.id)
        outbox.withdraw(session, "shard-")
    returned = ShardReturned(run_id, 0, 1)
    reports = rows.finished_case(run_id, done, Outcome.PASSED)
    with capture_logs() as logs:
        ResultsHandler(sessions, settings).handle(batch(returned, *reports))
        ResultsHandler(sessions, settings).handle(batch(returned))
    with sessions() as session:
        [message] = outbox.take(session, 10)
    shard = commands.open_shard(json.loads(message.body)["sealed_shard"], Seal(settings.secret))
    assert (shard.attempt, [case.case_id for case in shard.cases]) == (2, [left])
    assert [log["is_open"] for log in logs] == [True, False]


def test_an_event_that_is_no_report_is_refused_and_nothing_is_written(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    """The consumer loop then hands the events over one by one, and puts this one aside."""
    run_id, reports = started(sessions, settings)
    foreign = RunFinished(run_id, "s", "finished", passed=1, failed=0, errored=0, skipped=0)
    with pytest.raises(InvalidInputError, match="RunFinished does not belong"):
        ResultsHandler(sessions, settings).handle(batch(*reports, foreign))
    with sessions() as session:
        assert runs.get(session, run_id).status == Status.QUEUED
