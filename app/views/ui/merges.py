"""Revisions of a case, and choosing between what was edited and what was generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.domain.scripts.merging import Offer
from app.errors import InvalidInputError
from app.services import cases, merges, revisions, suites
from app.views.database import transaction
from app.views.ui.requests import REFUSED, argument

BLUEPRINT = Blueprint("merges", __name__, url_prefix="/cases")
#: Fields of the form that name a conflict or an offer.
_CHOICE = "choice:"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@BLUEPRINT.get("/<case_id>/merge")
def detail(case_id: str) -> ResponseReturnValue:
    """The conflicts side by side and what else is offered; the case where nothing waits."""
    return _page(case_id)


def _page(
    case_id: str, choices: Mapping[str, str] = _NOTHING, error: InvalidInputError | None = None
) -> ResponseReturnValue:
    with transaction() as session:
        case = cases.get(session, case_id)
        found = merges.waiting(case)
        if found is None:
            return redirect(url_for("cases.detail", case_id=case.id))
        page = render_template(
            "cases/merge.html",
            case=case,
            suite=suites.get(session, case.suite_id),
            merge=found,
            offers=[(each, _diff(each)) for each in found.offers],
            choices=choices,
            error=error,
        )
    return (page, REFUSED) if error else page


def _diff(offer: Offer) -> Sequence[str]:
    """What an offer changes, without the head of a diff."""
    return revisions.unified(offer.before or "", offer.after or "", "", "").splitlines()[2:]


@BLUEPRINT.post("/<case_id>/merge")
def settle(case_id: str) -> ResponseReturnValue:
    """Take over what was chosen; conflicts without a choice go on waiting."""
    choices = {
        name.removeprefix(_CHOICE): side
        for name, side in request.form.items()
        if name.startswith(_CHOICE) and side
    }
    try:
        with transaction() as session:
            case = merges.settle(session, case_id, choices, user_id=current_user.id)
            is_done = case.offered_script is None
    except InvalidInputError as error:
        return _page(case_id, choices, error)
    flash("Taken over." if is_done else "Taken over; conflicts are left.", "success")
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
            # Without the head, which says what the page says.
            lines=revisions.diff(session, case_id, number).splitlines()[2:],
            is_current=found.script == case.script,
        )


@BLUEPRINT.post("/<case_id>/revisions/<int:number>")
def restore(case_id: str, number: int) -> ResponseReturnValue:
    """Put the script of a revision in place again."""
    with transaction() as session:
        revisions.restore(session, case_id, number, user_id=current_user.id)
    flash(f"Revision {number} stands again.", "success")
    return redirect(url_for("cases.detail", case_id=case_id))
