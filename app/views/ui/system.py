"""The state of the installation, for administrators: its runners and their cages."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.services import runners
from app.views.database import transaction

BLUEPRINT = Blueprint("system", __name__, url_prefix="/system")


@BLUEPRINT.get("/")
def page() -> str:
    """What each runner told when it started."""
    with transaction() as session:
        return render_template("system/page.html", runners=runners.list(session))
