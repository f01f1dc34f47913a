"""REST: suites, and what is asked of them: generations, cases, runs."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.services import cases, generations, runs, suites, touched
from app.views import auth
from app.views.api import answers, shapes
from app.views.api.documentation import SECURITY, errors, tag
from app.views.database import settings, transaction

blueprint = APIBlueprint(
    "api_suites",
    __name__,
    url_prefix="/api/v1/suites",
    abp_tags=[tag("Suites")],
    abp_security=SECURITY,
    abp_responses=errors(401, 422),
)


@blueprint.post(
    "", summary="Create a suite", responses={201: shapes.Suite, **errors(400, 404, 415)}
)
def create(body: shapes.NewSuite) -> Response:
    """An empty suite with its environment."""
    with transaction() as session:
        suite = suites.create(
            session,
            body.api_description_id,
            name=body.name,
            base_url=body.base_url,
            headers=body.headers,
            secrets=body.secrets,
            identities=body.identities,
            settings=settings(),
            user_id=auth.api_user_id(),
        )
    return answers.created(shapes.Suite.model_validate(suite), "api_suites.get", suite.id)


@blueprint.get("", summary="List suites", responses={200: shapes.PageOf[shapes.Suite]})
def list_all(query: shapes.PageQuery) -> Response:
    """Newest first."""
    with transaction() as session:
        found = suites.list(session, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.Suite, found)


@blueprint.get("/<id>", summary="Get a suite", responses={200: shapes.Suite, **errors(404)})
def get(path: shapes.ItemPath) -> Response:
    """One suite."""
    with transaction() as session:
        suite = suites.get(session, path.id)
    return answers.one(shapes.Suite.model_validate(suite))


@blueprint.get(
    "/<id>/environment",
    summary="Get a suite's environment",
    responses={200: shapes.Environment, **errors(404)},
)
def get_environment(path: shapes.ItemPath) -> Response:
    """Where its runs go."""
    with transaction() as session:
        found = suites.environment(session, suites.get(session, path.id).id)
    return answers.environment(found)


@blueprint.put(
    "/<id>/environment",
    summary="Replace a suite's environment",
    responses={200: shapes.Environment, **errors(400, 404, 415)},
)
def set_environment(path: shapes.ItemPath, body: shapes.NewEnvironment) -> Response:
    """From the next run on; runs that have begun keep theirs."""
    with transaction() as session:
        found = suites.set_environment(
            session,
            path.id,
            base_url=body.base_url,
            headers=body.headers,
            secrets=body.secrets,
            identities=body.identities,
            settings=settings(),
        )
    return answers.environment(found)


@blueprint.post(
    "/<id>/generations",
    summary="Have cases written",
    responses={202: shapes.Generation, **errors(400, 404, 415)},
)
def generate(path: shapes.ItemPath, body: shapes.NewGeneration) -> Response:
    """Of all operations, of those that have no case yet, or of those named by id."""
    chosen = body.operations if isinstance(body.operations, list) else []
    with transaction() as session:
        generation = generations.request(
            session,
            path.id,
            provider=body.provider,
            scope=body.operations if isinstance(body.operations, str) else "chosen",
            operation_ids=chosen,
            prompt=body.prompt,
            is_reviewed=body.is_reviewed,
            user_id=auth.api_user_id(),
        )
    shape = shapes.Generation.model_validate(generation)
    return answers.accepted(shape, "api_generations.get", generation.id)


@blueprint.get(
    "/<id>/generations",
    summary="List the generations of a suite",
    responses={200: shapes.PageOf[shapes.Generation], **errors(404)},
)
def list_generations(path: shapes.ItemPath, query: shapes.PageQuery) -> Response:
    """Newest first."""
    with transaction() as session:
        found = generations.list(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.Generation, found)


@blueprint.get(
    "/<id>/cases",
    summary="List the cases of a suite",
    responses={200: shapes.PageOf[shapes.CaseLine], **errors(404)},
)
def list_cases(path: shapes.ItemPath, query: shapes.CaseQuery) -> Response:
    """By path and method."""
    with transaction() as session:
        found = cases.list(
            session, path.id, archived=query.archived, cursor=query.cursor, limit=query.limit
        )
    return answers.page(shapes.CaseLine, found)


@blueprint.post(
    "/<id>/runs",
    summary="Run every case of a suite",
    responses={202: shapes.Run, **errors(404, 409)},
)
def run(path: shapes.ItemPath, query: shapes.RunOptions) -> Response:
    """Against the suite's environment."""
    with transaction() as session:
        row = runs.start(
            session,
            path.id,
            settings=settings(),
            user_id=auth.api_user_id(),
            retries=query.retries,
            cleans_up=query.cleans_up,
            changes=query.changes,
        )
    return answers.accepted(answers.run(row), "api_runs.get", row.id)


@blueprint.get(
    "/<id>/changes",
    summary="See what changes of the API description would do to a suite",
    responses={200: shapes.Touched, **errors(404)},
)
def changes(path: shapes.ItemPath) -> Response:
    """Which operations came, went or changed, and which checks a generation would touch."""
    with transaction() as session:
        found = touched.preview(session, path.id)
    return answers.one(shapes.Touched.model_validate(found))
