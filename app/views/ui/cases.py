"""Cases: the script, its operation, and how it did."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.models.generation import Generation
from app.services import browsing, cases, generations, merges, revisions, strengths, suites, writers
from app.views.database import settings, transaction
from app.views.ui.requests import REFUSED, argument, field

BLUEPRINT = Blueprint("cases", __name__, url_prefix="/cases")


@BLUEPRINT.get("/<case_id>")
def detail(case_id: str) -> str:
    """A case with its script in the editor."""
    return _page(case_id)


def _generation(session: Session) -> Generation | None:
    """The one that was asked for from the page, which follows it."""
    asked = argument("generation")
    return generations.get(session, asked) if asked else None


@BLUEPRINT.post("/<case_id>")
def save(case_id: str) -> ResponseReturnValue:
    """Keep an edited script; back to the editor with what was wrong."""
    # Forms send CR LF for every line end (HTML, "constructing the entry list").
    script = request.form.get("script", "").replace("\r\n", "\n")
    try:
        with transaction() as session:
            cases.save(
                session,
                case_id,
                script,
                reason=request.form.get("reason", "")[:1000],
                user_id=current_user.id,
            )
    except InvalidInputError as error:
        return _page(case_id, script, error), REFUSED
    flash("Saved.", "success")
    return redirect(url_for("cases.detail", case_id=case_id))


@BLUEPRINT.post("/<case_id>/generations")
def generate(case_id: str) -> ResponseReturnValue:
    """Have the case written again; back to it, also with what was wrong."""
    try:
        with transaction() as session:
            case = cases.get(session, case_id)
            suite = suites.get(session, case.suite_id)
            row = browsing.operation_of(session, suite, case.operation)
            found = generations.request(
                session,
                suite.id,
                provider=field("provider") or case.provider,
                scope="chosen",
                operation_ids=[row.id] if row else [],
                prompt=field("prompt"),
                is_reviewed=field("is_reviewed") == "yes",
                user_id=current_user.id,
            )
        return redirect(url_for("cases.detail", case_id=case_id, generation=found.id))
    except InvalidInputError as error:
        return _page(case_id, refused=error), REFUSED


def _page(
    case_id: str,
    script: str | None = None,
    error: InvalidInputError | None = None,
    refused: InvalidInputError | None = None,
) -> str:
    with transaction() as session:
        case = cases.get(session, case_id)
        suite = suites.get(session, case.suite_id)
        return render_template(
            "cases/detail.html",
            case=case,
            suite=suite,
            script=case.script if script is None else script,
            is_edited=cases.is_edited(case),
            merge=merges.waiting(case),
            revisions=revisions.list(session, case.id, limit=5).items,
            generation=_generation(session),
            providers=writers.offered(settings()),
            operation_row=browsing.operation_of(session, suite, case.operation),
            results=browsing.last_results(session, case.id),
            measured=strengths.of_case(session, case.id),
            error=error,
            refused=refused,
            error_line=_line(error),
        )


def _line(error: InvalidInputError | None) -> str:
    """The number in "line 12"; empty where the error has no line."""
    found = re.fullmatch(r"line (\d+)", error.where) if error else None
    return found[1] if found else ""
