"""REST: generations."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.services import generations
from app.services.assistance import contributions
from app.views.api import answers, shapes
from app.views.api.documentation import SECURITY, errors, tag
from app.views.database import transaction

blueprint = APIBlueprint(
    "api_generations",
    __name__,
    url_prefix="/api/v1/generations",
    abp_tags=[tag("Generations")],
    abp_security=SECURITY,
    abp_responses=errors(401, 422),
)


@blueprint.get(
    "/<id>",
    summary="Get a generation",
    responses={200: shapes.AssistedGeneration, **errors(404)},
)
def get(path: shapes.ItemPath) -> Response:
    """One generation with how far it is, and what models had to do with it."""
    with transaction() as session:
        row = generations.get(session, path.id)
        found = contributions.summary(session, row.id)
    plain = shapes.Generation.model_validate(row).model_dump()
    assistance = shapes.Assistance.model_validate(found)
    return answers.one(shapes.AssistedGeneration(**plain, assistance=assistance))


@blueprint.get(
    "/<id>/contributions",
    summary="List what models added to a generation's cases",
    responses={200: shapes.PageOf[shapes.Contribution], **errors(404)},
)
def list_contributions(path: shapes.ItemPath, query: shapes.PageQuery) -> Response:
    """One for each operation that a model was to add to, by operation."""
    with transaction() as session:
        found = contributions.list(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.Contribution, found)
