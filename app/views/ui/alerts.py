"""Alerts of a suite: the limits that are set, how they stand, and setting others."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.domain.analytics.alerts import Kind
from app.errors import InvalidInputError
from app.services import suites
from app.services.analytics import alerts
from app.views.database import transaction
from app.views.ui.requests import REFUSED, field

BLUEPRINT = Blueprint("alerts", __name__)


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of limit as the form offers it."""

    text: str
    unit: str
    #: What a number in that unit is multiplied with.
    factor: float


CHOICES = {
    Kind.PASS_RATE_BELOW: Choice("Pass rate of the last run below", "%", 0.01),
    Kind.P95_ABOVE: Choice("95 % of the last runs take up to more than", "seconds", 1),
    Kind.NO_RUN_SINCE: Choice("No run for", "hours", 3600),
    Kind.QUEUE_AGE_ABOVE: Choice("Work waits in the queue for", "minutes", 60),
}


@BLUEPRINT.get("/suites/<suite_id>/alerts")
def page(suite_id: str) -> str:
    """The alerts of a suite."""
    return _page(suite_id)


def _page(suite_id: str, error: InvalidInputError | None = None) -> str:
    with transaction() as session:
        return render_template(
            "analytics/alerts.html",
            suite=suites.get(session, suite_id),
            rules=[(rule, alerts.limit_of(rule)) for rule in alerts.list(session, suite_id)],
            choices=CHOICES,
            refused=error,
            sent={name: field(name) for name in ("kind", "limit", "operation")},
        )


@BLUEPRINT.post("/suites/<suite_id>/alerts")
def add(suite_id: str) -> ResponseReturnValue:
    """Set a limit; back to the form with what was wrong."""
    kind = field("kind")
    try:
        with transaction() as session:
            alerts.add(
                session,
                suite_id,
                kind=kind,
                limit=_number(field("limit")) * _factor(kind),
                operation=field("operation"),
                user_id=current_user.id,
            )
    except InvalidInputError as error:
        return _page(suite_id, error), REFUSED
    return redirect(url_for("alerts.page", suite_id=suite_id))


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise InvalidInputError("This is no number.", where="limit") from error


def _factor(kind: str) -> float:
    return next((choice.factor for name, choice in CHOICES.items() if name == kind), 1.0)


@BLUEPRINT.post("/alerts/<rule_id>/remove")
def remove(rule_id: str) -> ResponseReturnValue:
    """Forget a limit."""
    with transaction() as session:
        suite_id = alerts.remove(session, rule_id).suite_id
    return redirect(url_for("alerts.page", suite_id=suite_id))
