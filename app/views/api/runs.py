"""REST: runs and their results."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.services import runs
from app.views.api import answers, shapes
from app.views.api.documentation import SECURITY, errors, tag
from app.views.database import transaction

blueprint = APIBlueprint(
    "api_runs",
    __name__,
    url_prefix="/api/v1/runs",
    abp_tags=[tag("Runs")],
    abp_security=SECURITY,
    abp_responses=errors(401, 404, 422),
)


@blueprint.get("", summary="List runs", responses={200: shapes.PageOf[shapes.Run], **errors(400)})
def list_all(query: shapes.RunQuery) -> Response:
    """Newest first, of all suites or of one."""
    with transaction() as session:
        found = runs.list(session, suite_id=query.suite_id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.Run, found.map(answers.run))


@blueprint.get("/<id>", summary="Get a run", responses={200: shapes.Run})
def get(path: shapes.ItemPath) -> Response:
    """One run with its progress and totals."""
    with transaction() as session:
        row = runs.get(session, path.id)
    return answers.one(answers.run(row))


@blueprint.get(
    "/<id>/results",
    summary="List the results of a run",
    responses={200: shapes.PageOf[shapes.Result], **errors(400)},
)
def results(path: shapes.ItemPath, query: shapes.ResultQuery) -> Response:
    """What is red comes first."""
    with transaction() as session:
        found = runs.search(
            session,
            path.id,
            outcome=query.outcome,
            q=query.q,
            cursor=query.cursor,
            limit=query.limit,
        )
    return answers.page(shapes.Result, found)


@blueprint.get(
    "/<id>/cases",
    summary="List the cases of a run",
    responses={200: shapes.PageOf[shapes.RunCase], **errors(400)},
)
def cases(path: shapes.ItemPath, query: shapes.PageQuery) -> Response:
    """By operation, each with how far it is and what it left behind."""
    with transaction() as session:
        found = runs.case_page(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.RunCase, found)


@blueprint.post("/<id>/cancel", summary="Cancel a run", responses={200: shapes.Run, **errors(409)})
def cancel(path: shapes.ItemPath) -> Response:
    """End a run now; one that has ended answers 409."""
    with transaction() as session:
        row = runs.cancel(session, path.id)
    return answers.one(answers.run(row))
