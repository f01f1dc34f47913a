"""Alert rules of suites: setting them, and looking whether a figure has passed its limit."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from app import tracing
from app.domain import news
from app.domain.analytics.alerts import Kind, Limit
from app.domain.outcomes import Status
from app.errors import InvalidInputError
from app.messages.events import Noticed
from app.models.alert_rule import AlertRule
from app.models.base import new_id
from app.models.operation_statistic import OperationStatistic
from app.models.run import Run
from app.models.run_shard import RunShard
from app.models.suite import Suite
from app.models.suite_statistic import SuiteStatistic
from app.models.tracked import Tracked
from app.services import lookup, outbox, suites
from app.services.text import storable

#: Any constant: of several processes, the one that holds this advisory lock looks.
LOCK = 0x7E57_A1E7
#: Rules of one suite.
MAX_RULES = 50


@dataclass(frozen=True, slots=True)
class SuiteFigures:
    """What is known of a suite at a moment; None for what there is not."""

    suite_id: str
    name: str
    pass_rate: float | None
    p95_seconds: float | None
    last_run_at: dt.datetime | None
    queue_age_seconds: float | None


def limit_of(rule: AlertRule) -> Limit:
    """The limit that a rule sets."""
    return Limit(Kind(rule.kind), rule.limit, rule.operation)


def list(session: Session, suite_id: str) -> Sequence[AlertRule]:  # noqa: A001 - read as alerts.list
    """The rules of a suite in the order they were set; raises NotFoundError."""
    return session.scalars(
        select(AlertRule)
        .where(AlertRule.suite_id == suites.get(session, suite_id).id)
        .order_by(AlertRule.created_at, AlertRule.id)
    ).all()


def add(
    session: Session,
    suite_id: str,
    *,
    kind: str,
    limit: float,
    operation: str = "",
    user_id: str | None = None,
) -> AlertRule:
    """Set a limit; a pass rate is a share from 0 to 1, everything else seconds.

    Raises NotFoundError, and InvalidInputError for what is no such limit.
    """
    suite = suites.get(session, suite_id)
    chosen = _kind(kind)
    _check(chosen, limit, operation)
    if len(list(session, suite.id)) >= MAX_RULES:
        raise InvalidInputError(f"A suite has at most {MAX_RULES} alerts.", where="kind")
    rule = AlertRule(
        id=new_id(),
        suite_id=suite.id,
        kind=chosen,
        operation=storable(operation, 520),
        limit=limit,
        created_by=user_id,
    )
    session.add(rule)
    session.flush()
    return rule


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError as error:
        hint = f"One of: {', '.join(Kind)}."
        raise InvalidInputError("There is no such alert.", where="kind", hint=hint) from error


def _check(kind: Kind, limit: float, operation: str) -> None:
    most = 1.0 if kind is Kind.PASS_RATE_BELOW else 366 * 24 * 3600.0
    if not (math.isfinite(limit) and 0 < limit <= most):
        raise InvalidInputError(f"Above 0, and at most {most:g}.", where="limit")
    if operation and not kind.is_of_operations:
        raise InvalidInputError("This is a figure of the suite only.", where="operation")


def remove(session: Session, rule_id: str) -> AlertRule:
    """Forget a rule; raises NotFoundError."""
    rule = lookup.row(session, AlertRule, rule_id)
    session.delete(rule)
    session.flush()
    return rule


def look(session: Session, now: dt.datetime) -> bool:
    """Look at every rule, and tell of those that have changed; false where another one looks."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        return False
    ordered = select(AlertRule).order_by(AlertRule.created_at, AlertRule.id)
    rules = session.scalars(ordered.with_for_update()).all()
    figures = {each.suite_id: each for each in of_suites(session, now)} if rules else {}
    for rule in rules:
        _look_at(session, rule, figures[rule.suite_id], now)
    return True


def _look_at(session: Session, rule: AlertRule, figures: SuiteFigures, now: dt.datetime) -> None:
    limit = limit_of(rule)
    rule.value = _value(session, rule, figures, now)
    rule.looked_at = now
    rule.text = limit.text(rule.value)
    if limit.is_passed(rule.value) == rule.is_raised:
        return
    rule.is_raised = not rule.is_raised
    rule.changed_at = now
    word = "Alert" if rule.is_raised else "No alert any more"
    event = Noticed(
        key=f"alert:{rule.id}:{now.timestamp():.0f}",
        suite_id=rule.suite_id,
        kind=news.Kind.ALERT,
        title=f"{word}: {limit.rule}"[:300],
        text=rule.text,
    )
    with tracing.following(""):
        outbox.add_event(session, event, key=rule.suite_id)


def _value(
    session: Session, rule: AlertRule, figures: SuiteFigures, now: dt.datetime
) -> float | None:
    kind = Kind(rule.kind)
    if kind is Kind.NO_RUN_SINCE:
        return (now - (figures.last_run_at or rule.created_at)).total_seconds()
    if kind is Kind.QUEUE_AGE_ABOVE:
        return figures.queue_age_seconds
    rate, p95 = figures.pass_rate, figures.p95_seconds
    if rule.operation:
        known = session.get(OperationStatistic, (rule.suite_id, rule.operation))
        rate, p95 = _last_rate(known), _p95(known)
    return rate if kind is Kind.PASS_RATE_BELOW else p95


def _last_rate(known: Tracked | None) -> float | None:
    """The share of the checks of the last run that passed."""
    if known is None or not known.window:
        return None
    _, passed, decided, *_ = known.window[-1]
    return passed / decided if decided else None


def _p95(known: Tracked | None) -> float | None:
    return None if known is None else known.p95_seconds


def of_suites(session: Session, now: dt.datetime) -> Sequence[SuiteFigures]:
    """The figures of all suites, the oldest first."""
    waiting = _oldest_waiting(session)
    rows = session.execute(
        select(Suite.id, Suite.name, SuiteStatistic, _last_end())
        .outerjoin(SuiteStatistic, SuiteStatistic.suite_id == Suite.id)
        .order_by(Suite.created_at, Suite.id)
        .execution_options(populate_existing=True)
    )
    return [
        SuiteFigures(
            suite_id,
            name,
            _last_rate(known),
            _p95(known),
            last_end,
            max((now - waiting[suite_id]).total_seconds(), 0.0) if suite_id in waiting else None,
        )
        for suite_id, name, known, last_end in rows
    ]


def _last_end() -> ScalarSelect[dt.datetime | None]:
    ended = select(func.max(Run.finished_at)).where(
        Run.suite_id == Suite.id, Run.status == Status.FINISHED
    )
    return ended.correlate(Suite).scalar_subquery()


def _oldest_waiting(session: Session) -> Mapping[str, dt.datetime]:
    """When the oldest shard that no runner has begun was published, by suite."""
    rows = session.execute(
        select(Run.suite_id, func.min(RunShard.heard_at))
        .join(RunShard, RunShard.run_id == Run.id)
        .where(
            Run.status.in_((Status.QUEUED, Status.RUNNING)),
            RunShard.started_at.is_(None),
            RunShard.finished_at.is_(None),
        )
        .group_by(Run.suite_id)
    )
    return dict(rows.all())


def all_rules(session: Session) -> Sequence[tuple[AlertRule, str]]:
    """Every rule, with the name of its suite."""
    rows = session.execute(
        select(AlertRule, Suite.name)
        .join(Suite, Suite.id == AlertRule.suite_id)
        .order_by(AlertRule.created_at, AlertRule.id)
        .execution_options(populate_existing=True)
    )
    return [(rule, name) for rule, name in rows]
