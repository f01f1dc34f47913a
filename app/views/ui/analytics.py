"""Analytics of a suite: what is red and why, quarantine, groups of failures, coverage."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.errors import ConflictError
from app.services import suites
from app.services.analytics import coverage, figures, quarantine, verdicts
from app.services.analytics.figures import Chosen
from app.views.database import transaction
from app.views.ui.requests import argument, field

BLUEPRINT = Blueprint("analytics", __name__)

#: Lines of each list on the page.
LIMIT = 20


@BLUEPRINT.get("/suites/<suite_id>/analytics")
def page(suite_id: str) -> str:
    """What all runs of a suite say together."""
    with transaction() as session:
        suite = suites.get(session, suite_id)
        return render_template(
            "analytics/page.html",
            suite=suite,
            known=figures.of_suite(session, suite.id),
            red=figures.red(session, suite.id, cursor=argument("cursor") or None, limit=LIMIT),
            quarantined=figures.checks(session, suite.id, Chosen.QUARANTINED, limit=200).items,
            groups=figures.groups_now(session, suite.id, LIMIT),
            anomalies=figures.anomalies(session, suite.id, limit=LIMIT).items,
        )


@BLUEPRINT.get("/suites/<suite_id>/operations")
def operations(suite_id: str) -> str:
    """The figures of each operation of a suite."""
    with transaction() as session:
        return render_template(
            "analytics/operations.html",
            suite=suites.get(session, suite_id),
            page=figures.operations(session, suite_id, cursor=argument("cursor") or None),
        )


@BLUEPRINT.get("/suites/<suite_id>/coverage")
def covered(suite_id: str) -> str:
    """Which operations, statuses and parameters were seen."""
    with transaction() as session:
        return render_template(
            "analytics/coverage.html",
            suite=suites.get(session, suite_id),
            summary=coverage.summary(session, suite_id),
            page=coverage.operations(session, suite_id, cursor=argument("cursor") or None),
        )


@BLUEPRINT.post("/checks/<check_id>/lift")
def lift(check_id: str) -> ResponseReturnValue:
    """End the quarantine of a check."""
    with transaction() as session:
        suite_id = quarantine.get(session, check_id).suite_id
    try:
        with transaction() as session:
            quarantine.lift(session, check_id, user_id=current_user.id)
    except ConflictError as error:
        flash(str(error), "error")
    return redirect(url_for("analytics.page", suite_id=suite_id))


@BLUEPRINT.post("/runs/<run_id>/results/<result_id>/verdict")
def judge(run_id: str, result_id: str) -> ResponseReturnValue:
    """Say what a failure has its reason in; without a cause, let the verdict hold again."""
    cause = field("cause")
    try:
        with transaction() as session:
            if cause:
                verdicts.correct(
                    session,
                    run_id,
                    result_id,
                    cause=cause,
                    note=field("note"),
                    user_id=current_user.id,
                )
            else:
                verdicts.withdraw(session, run_id, result_id)
    except ConflictError as error:
        flash(str(error), "error")
    return redirect(url_for("runs.result", run_id=run_id, result_id=result_id))
