"""Runs, which pages call test executions: starting, following, reading and cancelling them."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.domain.outcomes import Outcome
from app.errors import ConflictError
from app.models.run import Run
from app.services import browsing, runs, suites
from app.services.analytics import verdicts
from app.views.database import settings, transaction
from app.views.ui import exchanges, result_list, streams
from app.views.ui.requests import argument, field, is_fragment, number

BLUEPRINT = Blueprint("runs", __name__)


@BLUEPRINT.get("/runs")
def index() -> str:
    """The runs, newest first."""
    with transaction() as session:
        page = runs.list(session, cursor=argument("cursor") or None)
        names = browsing.suite_names(session, {run.suite_id for run in page.items})
        return render_template("runs/index.html", page=page, names=names)


@BLUEPRINT.post("/suites/<suite_id>/runs")
def start(suite_id: str) -> ResponseReturnValue:
    """Execute every case of a suite."""
    with transaction() as session:
        run = runs.start(
            session,
            suite_id,
            settings=settings(),
            user_id=current_user.id,
            retries=number("retries"),
            cleans_up=field("cleans_up") != "no",
            changes=number("changes"),
        )
    return _go(run)


@BLUEPRINT.post("/cases/<case_id>/runs")
def start_case(case_id: str) -> ResponseReturnValue:
    """Execute one case."""
    with transaction() as session:
        run = runs.start_case(
            session,
            case_id,
            settings=settings(),
            user_id=current_user.id,
            changes=number("changes"),
        )
    return _go(run)


@BLUEPRINT.post("/runs/<run_id>/again")
def again(run_id: str) -> ResponseReturnValue:
    """Execute what a run executed once more, as it stands now: one case, or the suite."""
    with transaction() as session:
        old = runs.get(session, run_id)
        if old.cases_total == 1:
            run = runs.start_case(
                session,
                runs.cases_of(session, old.id)[0].case_id,
                settings=settings(),
                user_id=current_user.id,
                retries=old.retries,
                cleans_up=old.cleans_up,
                changes=old.changes,
            )
        else:
            run = runs.start(
                session,
                old.suite_id,
                settings=settings(),
                user_id=current_user.id,
                retries=old.retries,
                cleans_up=old.cleans_up,
                changes=old.changes,
            )
    return _go(run)


def _go(run: Run) -> ResponseReturnValue:
    return redirect(url_for("runs.detail", run_id=run.id))


@BLUEPRINT.get("/runs/<run_id>")
def detail(run_id: str) -> str:
    """A run with its results."""
    with transaction() as session:
        listed = result_list.read(session, run_id)
        return render_template(
            "runs/detail.html",
            listed=listed,
            run=listed.run,
            suite=suites.get(session, listed.run.suite_id),
            outcomes=tuple(Outcome),
        )


@BLUEPRINT.get("/runs/<run_id>/changes")
def changes(run_id: str) -> Response:
    """A stream of server-sent events: one `changed` whenever the run has changed."""
    with transaction() as session:
        runs.get(session, run_id)
    return streams.follow(run_id)


@BLUEPRINT.get("/runs/<run_id>/results")
def results(run_id: str) -> str:
    """How far a run is and the results that are asked for, or the next of them."""
    with transaction() as session:
        listed = result_list.read(session, run_id)
        return render_template("runs/_live.html", listed=listed, run=listed.run)


@BLUEPRINT.get("/runs/<run_id>/results/<result_id>")
def result(run_id: str, result_id: str) -> str:
    """One result with all that is known of it."""
    name = "runs/_result.html" if is_fragment() else "runs/result.html"
    with transaction() as session:
        run = runs.get(session, run_id)
        found = browsing.result(session, run.id, result_id)
        return render_template(
            name,
            run=run,
            suite=suites.get(session, run.suite_id),
            result=found,
            exchanges=exchanges.shown(found.exchanges),
            reruns=exchanges.reruns(found.reruns),
            deletions=browsing.deletions(session, run.id, found.case_id),
            judged=verdicts.of_results(session, [found.id]).get(found.id),
        )


@BLUEPRINT.post("/runs/<run_id>/cancel")
def cancel(run_id: str) -> ResponseReturnValue:
    """End a run now."""
    try:
        with transaction() as session:
            runs.cancel(session, run_id)
    except ConflictError as error:
        flash(str(error), "error")
    return redirect(url_for("runs.detail", run_id=run_id))
