"""REST: cases."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.services import cases, runs
from app.views import auth
from app.views.api import answers, shapes
from app.views.api.documentation import SECURITY, errors, tag
from app.views.database import settings, transaction

blueprint = APIBlueprint(
    "api_cases",
    __name__,
    url_prefix="/api/v1/cases",
    abp_tags=[tag("Cases")],
    abp_security=SECURITY,
    abp_responses=errors(401, 404, 422),
)


@blueprint.get("/<id>", summary="Get a case", responses={200: shapes.Case})
def get(path: shapes.ItemPath) -> Response:
    """One case with its script."""
    with transaction() as session:
        case = cases.get(session, path.id)
    return answers.one(shapes.Case.model_validate(case))


@blueprint.put("/<id>", summary="Edit a case", responses={200: shapes.Case, **errors(400, 415)})
def save(path: shapes.ItemPath, body: shapes.Script) -> Response:
    """Keep an edited script, which must be Python; a generation never writes over it."""
    with transaction() as session:
        case = cases.save(session, path.id, body.script, user_id=auth.api_user_id())
    return answers.one(shapes.Case.model_validate(case))


@blueprint.post("/<id>/runs", summary="Run one case", responses={202: shapes.Run})
def run(path: shapes.ItemPath, query: shapes.RunOptions) -> Response:
    """Against the environment of its suite."""
    with transaction() as session:
        row = runs.start_case(
            session,
            path.id,
            settings=settings(),
            user_id=auth.api_user_id(),
            retries=query.retries,
            cleans_up=query.cleans_up,
        )
    return answers.accepted(answers.run(row), "api_runs.get", row.id)
