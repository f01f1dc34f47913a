"""REST: API descriptions and their operations."""

from __future__ import annotations

import datetime as dt

from flask import Response, abort, request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import ValidationError

from app.errors import InvalidInputError, PlatformError
from app.services import descriptions, versions
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
    summary="Add an API description by URL, file or text",
    responses={201: shapes.Description, **errors(413, 415)},
    openapi_extensions=UPLOAD_OR_URL,
)
def create() -> Response:
    """`{"url": …}` or `{"document": …}` as JSON, or a multipart form with the document as `file`.

    Besides descriptions: a zip archive of one, a Postman collection, a HAR, curl command lines.
    """
    reading = _read()
    with transaction() as session:
        row = descriptions.add(session, reading, user_id=auth.api_user_id())
    return answers.created(shapes.Description.model_validate(row), "api_descriptions.get", row.id)


def _read() -> descriptions.Reading:
    return _uploaded() if request.mimetype == "multipart/form-data" else _told()


def _uploaded() -> descriptions.Reading:
    upload = request.files.get("file")
    if upload is None:
        raise InvalidInputError("The form has no file of this name.", where="file")
    return descriptions.read_bytes(upload.read(), name=upload.filename or "")


def _told() -> descriptions.Reading:
    body = request.get_json()
    try:
        if isinstance(body, dict) and "document" in body:
            text = shapes.DescriptionText.model_validate(body).document
            return descriptions.read_bytes(text.encode("utf-8", "replace"))
        url = shapes.DescriptionAddress.model_validate(body).url
    except ValidationError as error:
        abort(problems.of_validation(error))
    return descriptions.read_url(url, settings())


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


@blueprint.post(
    "/<id>/fetch",
    summary="Fetch an API description again",
    responses={200: shapes.Version, **errors(404, 409)},
)
def fetch(path: shapes.ItemPath) -> Response:
    """The newest version then: another one than before only where the document is another."""
    with transaction() as session:
        url = versions.address(session, path.id)
    try:
        reading = descriptions.read_url(url, settings())
    except PlatformError as error:
        with transaction() as session:
            versions.refuse(session, path.id, error)
        raise
    with transaction() as session:
        newest = versions.take(session, path.id, reading, user_id=auth.api_user_id())
    return answers.one(shapes.Version.model_validate(newest))


@blueprint.post(
    "/<id>/versions",
    summary="Give a newer version of an API description by URL, file or text",
    responses={200: shapes.Version, **errors(404, 413, 415)},
    openapi_extensions=UPLOAD_OR_URL,
)
def replace(path: shapes.ItemPath) -> Response:
    """As adding one. Suites go on with it; the version before is kept."""
    with transaction() as session:
        descriptions.get(session, path.id)
    reading = _read()
    with transaction() as session:
        newest = versions.take(session, path.id, reading, user_id=auth.api_user_id())
    return answers.one(shapes.Version.model_validate(newest))


@blueprint.get(
    "/<id>/versions",
    summary="List the versions of an API description",
    responses={200: shapes.PageOf[shapes.Version], **errors(404)},
)
def list_versions(path: shapes.ItemPath, query: shapes.PageQuery) -> Response:
    """Newest first, each with what had changed."""
    with transaction() as session:
        found = versions.list(session, path.id, cursor=query.cursor, limit=query.limit)
    return answers.page(shapes.Version, found)


@blueprint.get(
    "/<id>/versions/<number>/document",
    summary="Get the document of a version",
    responses={
        200: {"description": "The document.", "content": {"application/octet-stream": {}}},
        **errors(404),
    },
)
def document(path: shapes.VersionPath) -> Response:
    """The bytes as they came; of an import, the OpenAPI description it was told as."""
    with transaction() as session:
        found = versions.document(session, path.id, path.number)
    return answers.download(found, f"description-{path.number}")


@blueprint.put(
    "/<id>/schedule",
    summary="Have an API description fetched again and again",
    responses={200: shapes.Description, **errors(400, 404, 409, 415)},
)
def schedule(path: shapes.ItemPath, body: shapes.NewSchedule) -> Response:
    """Every so many hours, or no more."""
    with transaction() as session:
        row = versions.schedule(session, path.id, body.every_hours, dt.datetime.now(dt.UTC))
    return answers.one(shapes.Description.model_validate(row))
