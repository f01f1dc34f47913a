"""The overview: what a person sees first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.domain.outcomes import Status
from app.models.api_description import ApiDescription
from app.models.case import Case
from app.models.run import Run
from app.models.suite import Suite
from app.services.cases import IS_ACTIVE


@dataclass(frozen=True, slots=True)
class SuiteState:
    """A suite with its size and its last run, if it ran to an end."""

    suite: Suite
    api_title: str
    cases: int
    last_run: Run | None

    @property
    def pass_rate(self) -> float | None:
        """Share of the last run's decided checks that passed, 0 to 1; None where there are none."""
        if self.last_run is None:
            return None
        decided = self.last_run.passed + self.last_run.failed + self.last_run.errored
        return self.last_run.passed / decided if decided else None


@dataclass(frozen=True, slots=True)
class RecentRun:
    """A run with the name of its suite."""

    run: Run
    suite_name: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts, the newest suites and the newest runs."""

    descriptions: int
    suites: Sequence[SuiteState]
    runs: Sequence[RecentRun]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet."""
        return not self.descriptions


def read(session: Session, *, limit: int = 10) -> Overview:
    """The overview, with at most `limit` suites and runs."""
    return Overview(
        descriptions=session.scalar(select(func.count()).select_from(ApiDescription)) or 0,
        suites=suite_states(session, limit=limit),
        runs=_recent_runs(session, limit),
    )


def suite_states(session: Session, *, limit: int = 100) -> Sequence[SuiteState]:
    """The newest suites with their sizes and last finished runs."""
    cases = (
        select(func.count())
        .where(Case.suite_id == Suite.id, IS_ACTIVE)
        .correlate(Suite)
        .scalar_subquery()
    )
    last = aliased(
        Run,
        select(Run)
        .where(Run.suite_id == Suite.id, Run.status == Status.FINISHED)
        .order_by(Run.finished_at.desc(), Run.id)
        .limit(1)
        .correlate(Suite)
        .lateral(),
    )
    rows = session.execute(
        select(Suite, ApiDescription.title, cases, last)
        .join(ApiDescription, ApiDescription.id == Suite.api_description_id)
        .join(last, last.id.is_not(None), isouter=True)
        .order_by(Suite.created_at.desc(), Suite.id)
        .limit(limit)
    )
    return [SuiteState(suite, title, count, run) for suite, title, count, run in rows]


def _recent_runs(session: Session, limit: int) -> Sequence[RecentRun]:
    rows = session.execute(
        select(Run, Suite.name)
        .join(Suite, Suite.id == Run.suite_id)
        .order_by(Run.created_at.desc(), Run.id)
        .limit(limit)
    )
    return [RecentRun(run, name) for run, name in rows]
