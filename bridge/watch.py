"""Looks after the alerts while analytics waits for runs, and shows the figures to Prometheus."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from app import metrics
from app.services.analytics import alerts
from app.services.analytics.alerts import SuiteFigures
from bridge import retries

#: How often; Prometheus asks about as often.
EVERY: Final = dt.timedelta(seconds=15)

_log = structlog.stdlib.get_logger(__name__)

Values = Mapping[tuple[str, ...], float]


class Watch:
    """Called again and again, it looks every quarter of a minute.

    Of several processes one looks at a time, and all of them show the same figures.
    """

    def __init__(
        self, sessions: sessionmaker[Session], *, clock: Callable[[], dt.datetime]
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._due = clock()
        self._shown: dict[Gauge, Values] = {}

    def turn(self) -> None:
        """Look, if it is time; a database that is away is asked again later."""
        now = self._clock()
        if now < self._due:
            return
        self._due = now + EVERY
        try:
            self._look(now)
        except SQLAlchemyError as error:
            if not retries.is_transient(error):
                raise
            _log.warning("watch.waited", reason=str(error))

    def _look(self, now: dt.datetime) -> None:
        with self._sessions.begin() as session:
            alerts.look(session, now)
        with self._sessions() as session:
            figures = alerts.of_suites(session, now)
            rules: Values = {
                (rule.suite_id, name, rule.kind, rule.id): float(rule.is_raised)
                for rule, name in alerts.all_rules(session)
            }
        self._show(metrics.ALERT_RAISED, rules)
        self._show(metrics.SUITE_PASS_RATE, _of(figures, lambda each: each.pass_rate))
        self._show(metrics.SUITE_P95, _of(figures, lambda each: each.p95_seconds))
        self._show(metrics.SUITE_QUEUE_AGE, _of(figures, lambda each: each.queue_age_seconds))
        self._show(metrics.SUITE_LAST_RUN, _of(figures, _last_run))

    def _show(self, gauge: Gauge, values: Values) -> None:
        """Show these values and no others; what is gone is not shown as it was for ever."""
        for labels in self._shown.get(gauge, {}).keys() - values.keys():
            gauge.remove(*labels)
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
        self._shown[gauge] = values


def _of(
    figures: Sequence[SuiteFigures],
    value_of: Callable[[SuiteFigures], float | None],
) -> Values:
    found = ((each, value_of(each)) for each in figures)
    return {(each.suite_id, each.name): value for each, value in found if value is not None}


def _last_run(figures: SuiteFigures) -> float | None:
    return figures.last_run_at.timestamp() if figures.last_run_at else None
