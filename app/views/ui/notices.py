"""Notifications in the browser: the bell with what is new, and the list."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template
from flask import session as cookie

from app.services import notifications
from app.views.database import transaction

BLUEPRINT = Blueprint("notices", __name__, url_prefix="/notifications")

#: Under this name the browser's signed cookie keeps when the list was last seen.
SEEN = "notices_seen"


@BLUEPRINT.get("/")
def page() -> str:
    """The newest notices; from now on they are no news."""
    with transaction() as session:
        notices = notifications.recent(session)
        if notices:
            cookie[SEEN] = notices[0].created_at.isoformat()
        return render_template("notices/page.html", notices=notices)


@BLUEPRINT.get("/bell")
def bell() -> str:
    """How many notices were not seen yet."""
    seen = cookie.get(SEEN)
    moment = dt.datetime.fromisoformat(seen) if seen else dt.datetime.min.replace(tzinfo=dt.UTC)
    with transaction() as session:
        unseen = sum(notice.created_at > moment for notice in notifications.recent(session))
    return render_template("notices/_bell.html", unseen=unseen)
