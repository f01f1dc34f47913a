"""REST v1: JSON, one blueprint for each resource, bearer tokens, problem details."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, json, request
from flask_openapi3.blueprint import APIBlueprint
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.views import auth
from app.views.api import (
    alerts,
    analytics,
    cases,
    channels,
    descriptions,
    generations,
    runs,
    suites,
)

#: The resources; every one of them asks for a token.
BLUEPRINTS: tuple[APIBlueprint, ...] = (
    descriptions.blueprint,
    suites.blueprint,
    generations.blueprint,
    cases.blueprint,
    runs.blueprint,
    *analytics.BLUEPRINTS,
    *alerts.BLUEPRINTS,
    channels.blueprint,
)

#: What takes an upload.
_FORMS = frozenset({"api_descriptions.create", "api_descriptions.replace"})
NOT_JSON = "Send JSON, with the content type application/json."

#: The OpenAPI document of the above; open to all.
document = Blueprint("api_document", __name__, url_prefix="/api/v1")


@document.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    return Response(json.dumps(current_app.api_doc), mimetype="application/json")  # type: ignore[attr-defined]  # the application is flask-openapi3's


def check_body() -> None:
    """Refuse a body that is no JSON before anything is made of it.

    Only a description, or a newer version of one, may come as a multipart form.
    """
    if not request.content_length:
        return
    if request.mimetype == "multipart/form-data":
        if request.endpoint not in _FORMS:
            raise UnsupportedMediaType(NOT_JSON)
    elif not request.is_json:
        raise UnsupportedMediaType(NOT_JSON)
    elif request.get_json(silent=True) is None:
        raise BadRequest("The body is not JSON.")


for _blueprint in BLUEPRINTS:
    _blueprint.before_request(auth.require_token)
    _blueprint.before_request(check_body)
