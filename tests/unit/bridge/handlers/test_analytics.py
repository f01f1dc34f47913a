"""Finished runs on their way into the statistics."""

from __future__ import annotations

from prometheus_client import REGISTRY
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.domain.outcomes import Outcome
from app.messages.events import GenerationFinished, RunFinished
from app.models import CheckStatistic
from app.services import results
from app.settings import Settings
from bridge.handlers.analytics import AnalyticsHandler
from tests.factories import rows
from tests.unit.bridge.handlers.received import batch


def finished(sessions: sessionmaker[Session], settings: Settings) -> RunFinished:
    with sessions.begin() as session:
        run = rows.run(session, settings, cases=1)
        [case_id] = rows.case_ids(session, run.id)
        results.apply(session, rows.finished_case(run.id, case_id, Outcome.FAILED))
        return RunFinished(run.id, run.suite_id, "finished", 0, 1, 0, 0)


def test_a_finished_run_is_counted_once_however_often_it_is_told(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    event = finished(sessions, settings)
    handler = AnalyticsHandler(sessions, settings)
    handler.handle(batch(event, event))
    handler.handle(batch(event))
    with sessions() as session:
        [known] = session.scalars(select(CheckStatistic)).all()
    assert (known.runs, known.passed, known.last_outcome) == (1, 0, "failed")
    assert known.failing_since_run_id == event.run_id


def test_generations_are_counted_as_they_end(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    def counted(outcome: str) -> float:
        found = REGISTRY.get_sample_value("testops_cases_generated_total", {"outcome": outcome})
        return found or 0.0

    before = counted("written"), counted("failed")
    AnalyticsHandler(sessions, settings).handle(
        batch(GenerationFinished("g", "s", written=3, failed=1))
    )
    assert (counted("written"), counted("failed")) == (before[0] + 3, before[1] + 1)
