"""Revisions of a case, and choosing between what was edited and what was generated."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.services import cases, merges, revisions, suites
from app.views.database import transaction
from app.views.ui.requests import argument

BLUEPRINT = Blueprint("merges", __name__, url_prefix="/cases")
#: Fields of the form that name a conflict.
_CHOICE = "choice:"


@BLUEPRINT.get("/<case_id>/merge")
def detail(case_id: str) -> ResponseReturnValue:
    """The conflicts side by side; back to the case where nothing waits."""
    with transaction() as session:
        case = cases.get(session, case_id)
        found = merges.waiting(case)
        if found is None:
            return redirect(url_for("cases.detail", case_id=case.id))
        suite = suites.get(session, case.suite_id)
        return render_template("cases/merge.html", case=case, suite=suite, merge=found)


@BLUEPRINT.post("/<case_id>/merge")
def settle(case_id: str) -> ResponseReturnValue:
    """Take over what was chosen; what was not goes on waiting."""
    choices = {
        name.removeprefix(_CHOICE): side
        for name, side in request.form.items()
        if name.startswith(_CHOICE) and side
    }
    with transaction() as session:
        case = merges.settle(session, case_id, choices, user_id=current_user.id)
        is_done = case.offered_script is None
    flash("Settled." if is_done else "Settled; some are left.", "success")
    return redirect(url_for("cases.detail" if is_done else "merges.detail", case_id=case_id))


@BLUEPRINT.get("/<case_id>/revisions")
def revisions_of(case_id: str) -> str:
    """The revisions of a case, newest first."""
    with transaction() as session:
        case = cases.get(session, case_id)
        page = revisions.list(session, case_id, cursor=argument("cursor") or None)
        return render_template(
            "cases/revisions.html",
            case=case,
            suite=suites.get(session, case.suite_id),
            page=page,
            authors=revisions.authors(session, page),
        )


@BLUEPRINT.get("/<case_id>/revisions/<int:number>")
def revision(case_id: str, number: int) -> str:
    """One revision: what it changed, and its script."""
    with transaction() as session:
        case = cases.get(session, case_id)
        found = revisions.get(session, case_id, number)
        return render_template(
            "cases/revision.html",
            case=case,
            suite=suites.get(session, case.suite_id),
            revision=found,
            diff=revisions.diff(session, case_id, number).splitlines(),
            is_current=found.script == case.script,
        )


@BLUEPRINT.post("/<case_id>/revisions/<int:number>")
def restore(case_id: str, number: int) -> ResponseReturnValue:
    """Put the script of a revision in place again."""
    with transaction() as session:
        revisions.restore(session, case_id, number, user_id=current_user.id)
    flash(f"Revision {number} stands again.", "success")
    return redirect(url_for("cases.detail", case_id=case_id))
