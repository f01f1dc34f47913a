"""REST: cases."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.errors import NotFoundError
from app.services import cases, merges, revisions, runs, strengths
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
        case = cases.save(
            session, path.id, body.script, reason=body.reason, user_id=auth.api_user_id()
        )
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
            changes=query.changes,
        )
    return answers.accepted(answers.run(row), "api_runs.get", row.id)


@blueprint.get("/<id>/strength", summary="Get its strength", responses={200: shapes.Strength})
def get_strength(path: shapes.ItemPath) -> Response:
    """As it was measured last, by a run with `changes`; 404 where it never was."""
    with transaction() as session:
        found = strengths.of_case(session, cases.get(session, path.id).id)
    if found is None:
        raise NotFoundError(
            "Its strength was never measured.", where=path.id, hint="Run it with changes=12."
        )
    return answers.one(shapes.Strength.model_validate(found))


@blueprint.get(
    "/<id>/revisions",
    summary="List the revisions of a case",
    responses={200: shapes.PageOf[shapes.RevisionLine]},
)
def list_revisions(path: shapes.ItemPath, query: shapes.PageQuery) -> Response:
    """Newest first."""
    with transaction() as session:
        found = revisions.list(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.RevisionLine, found)


@blueprint.get(
    "/<id>/revisions/<number>", summary="Get a revision", responses={200: shapes.Revision}
)
def get_revision(path: shapes.RevisionPath) -> Response:
    """One revision with its script and what it changed."""
    with transaction() as session:
        row = revisions.get(session, path.id, path.number)
        line = shapes.RevisionLine.model_validate(row)
        diff = revisions.diff(session, path.id, path.number)
    return answers.one(shapes.Revision(**line.model_dump(), script=row.script, diff=diff))


@blueprint.post(
    "/<id>/revisions/<number>/restore",
    summary="Restore a revision",
    responses={200: shapes.Case},
)
def restore(path: shapes.RevisionPath) -> Response:
    """Its script stands again, as a new revision; nothing is lost."""
    with transaction() as session:
        case = revisions.restore(session, path.id, path.number, user_id=auth.api_user_id())
    return answers.one(shapes.Case.model_validate(case))


@blueprint.get("/<id>/merge", summary="Get what waits to be merged", responses={200: shapes.Merge})
def get_merge(path: shapes.ItemPath) -> Response:
    """What was generated and waits: conflicts and offers; 404 where nothing does."""
    with transaction() as session:
        found = merges.waiting(cases.get(session, path.id))
    if found is None:
        raise NotFoundError("Nothing is to be settled here.", where=path.id)
    return answers.one(shapes.Merge.model_validate(found))


@blueprint.post(
    "/<id>/merge",
    summary="Choose what is taken over",
    responses={200: shapes.Case, **errors(400, 409, 415)},
)
def settle(path: shapes.ItemPath, body: shapes.Choices) -> Response:
    """Choose between what stands and what was generated, part by part."""
    with transaction() as session:
        case = merges.settle(session, path.id, body.choices, user_id=auth.api_user_id())
    return answers.one(shapes.Case.model_validate(case))
