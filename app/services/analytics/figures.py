"""The figures that analytics keeps, as pages and programs ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from app.domain.outcomes import Outcome
from app.models.anomaly import Anomaly
from app.models.check_statistic import CheckStatistic
from app.models.failure_group import FailureGroup
from app.models.operation_statistic import OperationStatistic
from app.models.suite_statistic import SuiteStatistic
from app.services import paging, suites
from app.services.analytics import verdicts
from app.services.analytics.verdicts import Judged

RED = (Outcome.FAILED, Outcome.ERRORED)


class Chosen(StrEnum):
    """Which checks are asked for."""

    ALL = "all"
    #: Red when they ran last.
    RED = "red"
    #: In quarantine now.
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a suite."""

    #: None before its first whole run was counted.
    suite: SuiteStatistic | None
    #: Checks by how they ended last, those in quarantine apart.
    checks: int
    red: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class RedCheck:
    """A check that was red when it ran last, and why."""

    known: CheckStatistic
    #: None where its result is not there any more.
    judged: Judged | None


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A group of failures, and what is red with it now."""

    group: FailureGroup
    checks: int
    operations: Sequence[str]


def of_suite(session: Session, suite_id: str) -> Known:
    """What is known of a suite; raises NotFoundError."""
    suite = suites.get(session, suite_id)
    found = session.get(SuiteStatistic, suite.id)
    known = CheckStatistic
    in_quarantine = _is(Chosen.QUARANTINED)
    counts = session.execute(
        select(
            func.count(),
            func.count().filter(_is(Chosen.RED), ~in_quarantine),
            func.count().filter(in_quarantine),
        ).where(known.suite_id == suite.id, known.is_retired.is_(False))
    ).one()
    return Known(found if found and found.runs else None, *counts)


def _is(chosen: Chosen) -> ColumnElement[bool]:
    known = CheckStatistic
    if chosen is Chosen.RED:
        return known.last_outcome.in_(RED)
    if chosen is Chosen.QUARANTINED:
        is_over = func.coalesce(known.quarantined_until <= func.now(), true())
        return and_(~is_over, known.quarantined_at.is_not(None))
    return true()


def checks(
    session: Session,
    suite_id: str,
    chosen: Chosen = Chosen.ALL,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[CheckStatistic]:
    """The checks that a suite has now, by operation; raises NotFoundError."""
    known = CheckStatistic
    statement = select(known).where(
        known.suite_id == suites.get(session, suite_id).id,
        known.is_retired.is_(False),
        _is(chosen),
    )
    order = paging.Order((known.operation, known.check))
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def red(
    session: Session,
    suite_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[RedCheck]:
    """What is red in a suite now, that for the shortest time first; raises NotFoundError."""
    known = CheckStatistic
    statement = select(known).where(
        known.suite_id == suites.get(session, suite_id).id,
        known.is_retired.is_(False),
        known.failing_since.is_not(None),
        known.id.is_not(None),
    )
    order = paging.Order((known.failing_since, known.id), descending=True)
    page = paging.page(session, statement, order, cursor=cursor, limit=limit)
    ids = [row.last_result_id for row in page.items if row.last_result_id]
    judged = verdicts.of_results(session, ids)
    return page.map(lambda row: RedCheck(row, judged.get(row.last_result_id or "")))


def operations(
    session: Session,
    suite_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[OperationStatistic]:
    """The operations that a suite has now, by name; raises NotFoundError."""
    known = OperationStatistic
    statement = select(known).where(
        known.suite_id == suites.get(session, suite_id).id, known.is_retired.is_(False)
    )
    order = paging.Order((known.operation,))
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def groups(
    session: Session,
    suite_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[FailureGroup]:
    """The groups of failures of a suite, the last to come first; raises NotFoundError."""
    statement = select(FailureGroup).where(
        FailureGroup.suite_id == suites.get(session, suite_id).id
    )
    order = paging.Order((FailureGroup.last_at, FailureGroup.fingerprint), descending=True)
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def groups_now(session: Session, suite_id: str, limit: int) -> Sequence[GroupNow]:
    """The groups that checks of a suite are in now, the largest first."""
    known = CheckStatistic
    checks = func.count()
    rows = session.execute(
        select(FailureGroup, checks, func.array_agg(known.operation.distinct()))
        .join(
            known,
            and_(
                known.suite_id == FailureGroup.suite_id,
                known.fingerprint == FailureGroup.fingerprint,
                known.is_retired.is_(False),
            ),
        )
        .where(FailureGroup.suite_id == suite_id)
        .group_by(FailureGroup.suite_id, FailureGroup.fingerprint)
        .order_by(checks.desc(), FailureGroup.fingerprint)
        .limit(limit)
    )
    return [GroupNow(group, amount, sorted(operations)) for group, amount, operations in rows]


def anomalies(
    session: Session,
    suite_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Anomaly]:
    """What was unusual in a suite's runs, the newest first; raises NotFoundError."""
    statement = select(Anomaly).where(Anomaly.suite_id == suites.get(session, suite_id).id)
    keys = (Anomaly.at, Anomaly.run_id, Anomaly.operation, Anomaly.check, Anomaly.measure)
    order = paging.Order(keys, descending=True)
    return paging.page(session, statement, order, cursor=cursor, limit=limit)
