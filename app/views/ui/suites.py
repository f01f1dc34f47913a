"""Suites: the list, one with its cases, and having cases written."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.domain.outcomes import Status
from app.errors import InvalidInputError
from app.services import (
    browsing,
    cases,
    descriptions,
    generations,
    overview,
    runs,
    suites,
    touched,
    writers,
)
from app.services.analytics import figures
from app.views.database import settings, transaction
from app.views.ui import suite_form
from app.views.ui.requests import REFUSED, argument, field, is_fragment

BLUEPRINT = Blueprint("suites", __name__, url_prefix="/suites")


@BLUEPRINT.get("/")
def index() -> str:
    """The suites, newest first."""
    with transaction() as session:
        return render_template("suites/index.html", suites=overview.suite_states(session))


@BLUEPRINT.get("/<suite_id>")
def detail(suite_id: str) -> str:
    """A suite: its cases, its newest generation and runs, and its environment."""
    return _page(suite_id)


def _page(
    suite_id: str, base_url: str | None = None, error: InvalidInputError | None = None
) -> str:
    with transaction() as session:
        suite = suites.get(session, suite_id)
        environment = suites.environment(session, suite.id)
        return render_template(
            "suites/detail.html",
            suite=suite,
            suite_id=suite.id,
            description=descriptions.get(session, suite.api_description_id),
            environment=environment,
            base_url=environment.base_url if base_url is None else base_url,
            refused=error,
            total=browsing.case_count(session, suite.id),
            waiting_total=cases.waiting_count(session, suite.id),
            archived_total=browsing.case_count(session, suite.id, archived=True),
            page=browsing.case_lines(session, suite.id),
            generation=next(iter(generations.list(session, suite.id, limit=1).items), None),
            runs=runs.list(session, suite_id=suite.id, limit=5).items,
            red=figures.red(session, suite.id, limit=5).items,
            known=figures.of_suite(session, suite.id),
            providers=writers.offered(settings()),
        )


@BLUEPRINT.post("/<suite_id>/environment")
def set_environment(suite_id: str) -> ResponseReturnValue:
    """Replace the environment from the next run on; back to the form with what was wrong."""
    form = suite_form.sent()
    try:
        headers = suite_form.headers_of(form.headers)
        secrets = suite_form.secrets_of(form.secrets)
        identities = suite_form.identities_of(form.identities)
        with transaction() as session:
            suites.set_environment(
                session,
                suite_id,
                base_url=form.base_url,
                headers=suite_form.replacement(headers, "remove_headers"),
                secrets=suite_form.replacement(secrets, "remove_secrets"),
                identities=suite_form.replacement(identities, "remove_identities"),
                settings=settings(),
            )
    except InvalidInputError as error:
        return _page(suite_id, form.base_url, error), REFUSED
    return redirect(url_for("suites.detail", suite_id=suite_id))


@BLUEPRINT.get("/<suite_id>/cases")
def cases_of(suite_id: str) -> str:
    """The cases, those archived or waiting, or the next of them, whose operation holds `q`."""
    q, archived, waiting = argument("q"), *(argument(w) == "yes" for w in ("archived", "waiting"))
    with transaction() as session:
        page = browsing.case_lines(
            session,
            suite_id,
            q=q,
            archived=archived,
            waiting=waiting,
            cursor=argument("cursor") or None,
        )
        return render_template(
            "suites/_cases.html",
            page=page,
            suite_id=suite_id,
            q=q,
            archived=archived,
            waiting=waiting,
        )


@BLUEPRINT.get("/<suite_id>/changes")
def changes(suite_id: str) -> str:
    """What changes of the API description would do to the checks."""
    with transaction() as session:
        suite = suites.get(session, suite_id)
        found = touched.preview(session, suite.id)
        return render_template("suites/changes.html", suite=suite, touched=found)


@BLUEPRINT.post("/<suite_id>/generations")
def generate(suite_id: str) -> ResponseReturnValue:
    """Ask for cases to be written."""
    try:
        with transaction() as session:
            found = generations.request(
                session,
                suite_id,
                provider=field("provider"),
                scope=field("scope"),
                prompt=field("prompt"),
                is_reviewed=field("is_reviewed") == "yes",
                user_id=current_user.id,
            )
    except InvalidInputError as error:
        return render_template("suites/_generation.html", error=error), REFUSED
    if not is_fragment():
        return redirect(url_for("suites.detail", suite_id=suite_id))
    return generation(found.id)


@BLUEPRINT.get("/generations/<generation_id>")
def generation(generation_id: str) -> ResponseReturnValue:
    """How far a generation is; has the page list the new cases, and at the end load anew."""
    with transaction() as session:
        found = generations.get(session, generation_id)
        response = make_response(render_template("suites/_generation.html", generation=found))
    if Status(found.status).is_final:
        response.headers["HX-Refresh"] = "true"
    elif found.written:
        response.headers["HX-Trigger"] = "cases-changed"
    return response
