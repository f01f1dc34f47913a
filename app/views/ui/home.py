"""The dashboard: where the suites stand and what ran last; for newcomers, where to begin."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.services import descriptions, overview
from app.views.database import settings, transaction

BLUEPRINT = Blueprint("home", __name__)


@BLUEPRINT.get("/")
def page() -> str:
    """The dashboard."""
    with transaction() as session:
        return render_template(
            "home/page.html",
            overview=overview.read(session),
            newest=descriptions.list(session, limit=1).items,
            demo_url=settings().demo_url,
        )
