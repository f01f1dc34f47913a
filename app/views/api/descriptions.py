"""REST: API descriptions and their operations."""

from __future__ import annotations

from flask import Response, abort, request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import ValidationError

from app.errors import InvalidInputError
from app.services import descriptions
from app.views import auth, problems
from app.views.api import answers, shapes
from app.views.api.documentation import SECURITY, UPLOAD_OR_URL, errors, tag
from app.views.database import settings, transaction

blueprint = APIBlueprint(
    "api_descriptions",
    __name__,
    url_prefix="/api/v1/api-descriptions",
    abp_tags=[tag("API descriptions")],
    abp_security=SECURITY,
    abp_responses=errors(401, 422),
)


@blueprint.post(
    "",
    summary="Add an API description by URL or file",
    responses={201: shapes.Description, **errors(413, 415)},
    openapi_extensions=UPLOAD_OR_URL,
)
def create() -> Response:
    """`{"url": …}` as JSON, or a multipart form with the document as `file`."""
    reading = _uploaded() if request.mimetype == "multipart/form-data" else _fetched()
    with transaction() as session:
        row = descriptions.add(session, reading, user_id=auth.api_user_id())
    return answers.created(shapes.Description.model_validate(row), "api_descriptions.get", row.id)


def _uploaded() -> descriptions.Reading:
    upload = request.files.get("file")
    if upload is None:
        raise InvalidInputError("The form has no file of this name.", where="file")
    return descriptions.read_bytes(upload.read())


def _fetched() -> descriptions.Reading:
    try:
        asked = shapes.NewDescription.model_validate(request.get_json())
    except ValidationError as error:
        abort(problems.of_validation(error))
    return descriptions.read_url(asked.url, settings())


@blueprint.get(
    "", summary="List API descriptions", responses={200: shapes.PageOf[shapes.Description]}
)
def list_all(query: shapes.PageQuery) -> Response:
    """Newest first."""
    with transaction() as session:
        found = descriptions.list(session, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.Description, found)


@blueprint.get(
    "/<id>",
    summary="Get an API description",
    responses={200: shapes.Description, **errors(404)},
)
def get(path: shapes.ItemPath) -> Response:
    """One API description, without its document."""
    with transaction() as session:
        row = descriptions.get(session, path.id)
    return answers.one(shapes.Description.model_validate(row))


@blueprint.get(
    "/<id>/operations",
    summary="List the operations of an API description",
    responses={200: shapes.PageOf[shapes.Operation], **errors(404)},
)
def operations(path: shapes.ItemPath, query: shapes.PageQuery) -> Response:
    """In the order of the document."""
    with transaction() as session:
        found = descriptions.operations(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.Operation, found)
