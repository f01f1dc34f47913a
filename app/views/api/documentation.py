"""What the OpenAPI document of REST v1 says besides the shapes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask_openapi3.models.info import Info
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict, SecuritySchemesDict

from app.views.api import shapes
from app.views.problems import MEDIA_TYPE

INFO = Info(
    title="AI TestOps",
    version="1.0.0",
    description="Tests for HTTP APIs, written from their OpenAPI description. "
    "Lists come in pages; errors are problem details (RFC 9457).",
)
SECURITY_SCHEMES: SecuritySchemesDict = {"token": {"type": "http", "scheme": "bearer"}}
SECURITY = [{"token": list[str]()}]

_PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "where": {"type": "string"},
        "hint": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"detail": {"type": "string"}, "pointer": {"type": "string"}},
            },
        },
    },
}

#: The request body of adding a description, or a version of one, which may come in two forms.
UPLOAD_OR_URL: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [kind.model_json_schema() for kind in shapes.NEW_DESCRIPTIONS]}
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


def tag(name: str) -> Tag:
    """The heading under which operations are found."""
    return Tag(name=name)


def errors(*statuses: int) -> ResponseDict:
    """Problem answers with these statuses, as responses of an operation."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": _PROBLEM_SCHEMA}},
        }
        for status in statuses
    }
