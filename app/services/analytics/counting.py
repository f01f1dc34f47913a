"""Counts finished runs in, each once and those of a suite in the order in which they ended.

Whoever counts holds the suite's row, so that several processes may count at once. An event says no
more than that there is something to count: what is counted, and in which order, the database says.
A run that ended before one that was counted (its transaction was slower) has its suite counted
anew, since every figure depends on the order; so has a suite that was never counted this way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.domain.analytics import counting, coverage
from app.domain.analytics.book import Book, Surroundings
from app.domain.analytics.coverage import Routes
from app.domain.analytics.found import Found
from app.domain.analytics.track import Freshness
from app.models.quarantine_lift import QuarantineLift
from app.models.run import Run
from app.models.run_case import RunCase
from app.models.suite_statistic import SuiteStatistic
from app.services.analytics import findings, keeping, reading, telling
from app.services.text import storable
from app.settings import Settings


def count(session: Session, run_id: str, *, settings: Settings) -> int:
    """Count the run in, with others of its suite that ended before; how many there were.

    None are where it was counted, has not ended, or is not there: an event may come twice.
    """
    run = session.get(Run, storable(run_id), populate_existing=True)
    if run is None or run.finished_at is None or run.analysed_at is not None:
        return 0
    known = _hold(session, run.suite_id)
    waiting = _finished(session, run.suite_id, only_new=True)
    if not waiting:
        return 0
    is_late = known.counted_until is None or _place(waiting[0]) < (
        known.counted_until,
        known.counted_run_id or "",
    )
    if is_late:
        return _count_anew(session, known, settings)
    return _count(session, known, waiting, settings)


def rebuild(session: Session, suite_id: str, *, settings: Settings) -> int:
    """Forget what was made from a suite's runs, and count all of them again; how many there are.

    What people said (corrections, lifted quarantines, alert rules) stays and is minded.
    """
    return _count_anew(session, _hold(session, suite_id), settings)


def _hold(session: Session, suite_id: str) -> SuiteStatistic:
    session.execute(insert(SuiteStatistic).values(suite_id=suite_id).on_conflict_do_nothing())
    return session.scalars(
        select(SuiteStatistic)
        .where(SuiteStatistic.suite_id == suite_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _finished(session: Session, suite_id: str, *, only_new: bool) -> Sequence[Run]:
    statement = select(Run).where(Run.suite_id == suite_id, Run.finished_at.is_not(None))
    if only_new:
        statement = statement.where(Run.analysed_at.is_(None))
    statement = statement.order_by(Run.finished_at, Run.id.collate("C"))
    return session.scalars(statement.execution_options(populate_existing=True)).all()


def _place(run: Run) -> tuple[dt.datetime, str]:
    return run.finished_at or run.created_at, run.id


def _count_anew(session: Session, known: SuiteStatistic, settings: Settings) -> int:
    findings.forget(session, known.suite_id)
    runs = _finished(session, known.suite_id, only_new=False)
    book = Book(_surroundings(session, known.suite_id, settings))
    return _count_into(session, known, book, runs)


def _count(session: Session, known: SuiteStatistic, runs: Sequence[Run], settings: Settings) -> int:
    around = _surroundings(session, known.suite_id, settings)
    operations = None
    if not any(run.is_whole for run in runs):
        ids = [run.id for run in runs]
        found = select(RunCase.operation).where(RunCase.run_id.in_(ids)).distinct()
        operations = session.scalars(found).all()
    book = keeping.open_book(session, known, around, operations)
    return _count_into(session, known, book, runs)


def _count_into(session: Session, known: SuiteStatistic, book: Book, runs: Sequence[Run]) -> int:
    for run in runs:
        found = _count_one(session, book, run)
        if run.analysed_at is None:
            telling.tell(session, run, found)
            run.analysed_at = func.now()
        run.new_red = found.freshness[Freshness.NEW]
        run.known_red = found.freshness[Freshness.KNOWN]
        run.fixed = found.freshness[Freshness.FIXED]
    if runs:
        known.counted_until, known.counted_run_id = _place(runs[-1])
    else:
        known.counted_until = known.counted_run_id = None
    keeping.close_book(session, known, book)
    return len(runs)


def _count_one(session: Session, book: Book, run: Run) -> Found:
    brought = reading.of_run(session, run)
    found = counting.count(book, brought.run)
    routes = Routes([case.operation for case in brought.run.cases], run.base_url)
    cells = coverage.count(routes, brought.sent)
    findings.keep(session, run.suite_id, brought.run, found, cells)
    return found


def _surroundings(session: Session, suite_id: str, settings: Settings) -> Surroundings:
    lifts: dict[tuple[str, str], list[dt.datetime]] = {}
    lifted = QuarantineLift
    for operation, check, at in session.execute(
        select(lifted.operation, lifted.check, lifted.created_at)
        .where(lifted.suite_id == suite_id)
        .order_by(lifted.created_at, lifted.id)
    ):
        lifts.setdefault((operation, check), []).append(at)
    return Surroundings(settings.quarantine_days, lifts, reading.changes(session, suite_id))
