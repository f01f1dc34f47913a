"""The state of the installation, for administrators: its runners and their cages."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_login import current_user

from app.errors import ForbiddenError
from app.services import runners
from app.views.database import transaction

BLUEPRINT = Blueprint("system", __name__, url_prefix="/system")


@BLUEPRINT.get("/")
def page() -> str:
    """What each runner told when it started; raises ForbiddenError for who is no administrator."""
    if not current_user.is_admin:
        raise ForbiddenError("This page is for administrators.")
    with transaction() as session:
        return render_template("system/page.html", runners=runners.list(session))
