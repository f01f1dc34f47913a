"""Dead letters, for administrators: what could not be handled, to be replayed or dropped."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.services import dead_letters
from app.views.database import transaction

BLUEPRINT = Blueprint("dead_letters", __name__, url_prefix="/system/dead-letters")

#: Bytes of a body that the page shows.
SHOWN = 20_000


@BLUEPRINT.get("/")
def index() -> str:
    """Those that wait."""
    with transaction() as session:
        page = dead_letters.list(session, cursor=request.args.get("cursor"))
        return render_template("dead_letters/index.html", page=page)


@BLUEPRINT.get("/<letter_id>")
def detail(letter_id: str) -> str:
    """One with its headers and body."""
    with transaction() as session:
        letter = dead_letters.get(session, letter_id)
        return render_template(
            "dead_letters/detail.html",
            letter=letter,
            key=_text(letter.key or b""),
            headers=[(name, _text(value)) for name, value in dead_letters.headers(letter)],
            body=_text(letter.body[:SHOWN]),
            hidden=max(len(letter.body) - SHOWN, 0),
        )


@BLUEPRINT.post("/<letter_id>/replay")
def replay(letter_id: str) -> Response:
    """Publish it again."""
    with transaction() as session:
        dead_letters.replay(session, letter_id)
    return redirect(url_for("dead_letters.index"))


@BLUEPRINT.post("/<letter_id>/drop")
def drop(letter_id: str) -> Response:
    """Let it rest."""
    with transaction() as session:
        dead_letters.drop(session, letter_id)
    return redirect(url_for("dead_letters.index"))


def _text(value: bytes) -> str:
    return value.decode(errors="backslashreplace")
