"""Health: whether the process lives, and whether it can do its work."""

from __future__ import annotations

from flask import Blueprint, Response, json
from sqlalchemy.exc import SQLAlchemyError

from app import database
from app.views.database import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return _answer(200, "alive")


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers and its tables are as new as this release, or newer."""
    try:
        is_current = database.is_current(db.engine)
    except SQLAlchemyError:
        return _answer(503, "the database does not answer")
    if not is_current:
        return _answer(503, "the database is not migrated: run `testops migrate`")
    return _answer(200, "ready")


def _answer(status: int, text: str) -> Response:
    answer = Response(json.dumps({"status": text}), status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
