"""Generations: who wrote what, what it cost, and why a model had no part in it."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.services import generations, suites
from app.services.assistance import contributions
from app.views.database import transaction
from app.views.ui.requests import argument

BLUEPRINT = Blueprint("generations", __name__, url_prefix="/generations")


@BLUEPRINT.get("/<generation_id>")
def detail(generation_id: str) -> str:
    """A generation with what models added to each operation."""
    with transaction() as session:
        generation = generations.get(session, generation_id)
        return render_template(
            "generations/detail.html",
            generation=generation,
            suite=suites.get(session, generation.suite_id),
            summary=contributions.summary(session, generation.id),
            page=contributions.list(session, generation.id),
        )


@BLUEPRINT.get("/<generation_id>/contributions")
def contributions_of(generation_id: str) -> str:
    """The next of them."""
    with transaction() as session:
        page = contributions.list(session, generation_id, cursor=argument("cursor") or None)
        return render_template(
            "generations/_contributions.html", page=page, generation_id=generation_id
        )
