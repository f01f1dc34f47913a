"""What every template can use: assets, and words for figures and moments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import cast

from flask import Flask, g, url_for
from flask.blueprints import Blueprint, BlueprintSetupState

from app.domain import strength
from app.models.run import Run
from app.views.ui import assets, outcomes, words

BLUEPRINT = Blueprint("parts", __name__)


@BLUEPRINT.record
def _offer(state: BlueprintSetupState) -> None:
    offer(cast("Flask", state.app), assets.manifest(assets.DIST))


def offer(app: Flask, bundled: Mapping[str, str]) -> None:
    """Make the filters and functions known to the templates."""
    app.jinja_env.filters.update(
        ago=lambda moment: words.ago(moment, dt.datetime.now(dt.UTC)),
        moment=words.stamp,
        duration=words.duration,
        first_line=words.first_line,
        segments=outcomes.segments,
        pass_rate=outcomes.pass_rate,
        percent=strength.percent,
        took=_took,
        groupby_operation=outcomes.by_operation,
    )
    app.jinja_env.globals["asset"] = lambda name: _address(assets.address(bundled, name))


def _address(path: str) -> str:
    """Where the browser finds an asset; made once an answer, for a list shows hundreds of icons."""
    known: dict[str, str] = g.setdefault("assets", {})
    if path not in known:
        known[path] = url_for("static", filename=path)
    return known[path]


def _took(run: Run) -> str:
    return outcomes.took(run, dt.datetime.now(dt.UTC))
