"""REST: generations."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from app.services import generations
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
    "/<id>", summary="Get a generation", responses={200: shapes.Generation, **errors(404)}
)
def get(path: shapes.ItemPath) -> Response:
    """One generation with how far it is."""
    with transaction() as session:
        row = generations.get(session, path.id)
    return answers.one(shapes.Generation.model_validate(row))
