"""News in the browser: the bell with what is new, its stream, and the list."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask_login import current_user

from app.services import news
from app.views.database import transaction
from app.views.ui import streams
from app.views.ui.requests import argument

BLUEPRINT = Blueprint("notices", __name__, url_prefix="/notifications")


@BLUEPRINT.get("/")
def page() -> str:
    """The newest news of the suites that one follows; from now on they are no news."""
    with transaction() as session:
        unseen = {one.id for one in news.unseen(session, current_user.id)}
        listed = news.list(session, current_user.id, cursor=argument("cursor") or None, limit=20)
        news.mark_seen(session, current_user.id)
        return render_template("notices/page.html", page=listed, unseen=unseen)


@BLUEPRINT.get("/bell")
def bell() -> str:
    """How much was not seen yet, and the newest of it."""
    with transaction() as session:
        unseen = news.unseen(session, current_user.id)
        return render_template("notices/_bell.html", unseen=unseen, most=news.MOST_UNSEEN)


@BLUEPRINT.get("/changes")
def changes() -> Response:
    """Events that say when the bell has changed."""
    return streams.follow_bell(news.bell_of(current_user.id))
