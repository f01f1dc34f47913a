"""Signing in and out."""

from __future__ import annotations

import re

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.errors import AuthenticationError
from app.views import auth
from app.views.ui.requests import argument, field

BLUEPRINT = Blueprint("sign_in", __name__)

#: A path with query, without what browsers read as "//": a slash or backslash after the first.
_OUR_PATH = re.compile(r"/(?![/\\])[!-~]*")


def require() -> ResponseReturnValue | None:
    """Before a page: lead to the sign-in whoever is not known."""
    if current_user.is_authenticated:
        return None
    answer: ResponseReturnValue = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # Flask-Login sets it
    return answer


@BLUEPRINT.route("/sign-in", methods=["GET", "POST"])
def page() -> ResponseReturnValue:
    """The page to sign in at, and the attempt."""
    if current_user.is_authenticated:
        return redirect(url_for("home.page"))
    if request.method == "GET":
        return _shown()
    try:
        auth.sign_in(field("email"), request.form.get("password", ""))
    except AuthenticationError as error:
        return _shown(error), 401
    return redirect(_destination(argument("next")))


def _shown(error: AuthenticationError | None = None) -> str:
    return render_template(
        "sign_in/page.html", error=error, email=field("email"), next=argument("next") or None
    )


def _destination(wanted: str) -> str:
    """Where to go after signing in: a path of ours, never another site (CWE-601)."""
    return wanted if _OUR_PATH.fullmatch(wanted) else url_for("home.page")


@BLUEPRINT.post("/sign-out")
def leave() -> ResponseReturnValue:
    """Sign out."""
    auth.sign_out()
    return redirect(url_for("sign_in.page"))
