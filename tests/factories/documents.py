"""API descriptions as bytes, as small as a test needs them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.openapi import loading
from app.openapi.model import ApiDescription, Operation, Schema


def openapi(paths: object, *, version: str = "3.0.3", **more: object) -> bytes:
    """An OpenAPI 3 description with some paths."""
    information = {"title": "Pets", "version": "1"}
    return json.dumps({"openapi": version, "info": information, "paths": paths, **more}).encode()


def swagger(paths: object, **more: object) -> bytes:
    """A Swagger 2.0 description with some paths."""
    information = {"title": "Pets", "version": "1"}
    return json.dumps({"swagger": "2.0", "info": information, "paths": paths, **more}).encode()


def one(data: bytes) -> Operation:
    """The only operation of a description."""
    (operation,) = loading.load_bytes(data).operations
    return operation


def with_schema(schema: object, *, version: str = "3.0.3", **more: object) -> ApiDescription:
    """A description whose one answer has a schema."""
    content = {"application/json": {"schema": schema}}
    answer = {"description": "ok", "content": content}
    return loading.load_bytes(
        openapi({"/a": {"get": {"responses": {"200": answer}}}}, version=version, **more)
    )


def schema_of(description: ApiDescription) -> Schema:
    """The schema of the first answer of the first operation."""
    return description.operations[0].responses[0].contents[0].schema


def keywords_of(description: ApiDescription) -> Mapping[str, Any]:
    """The same, where it is an object."""
    schema = schema_of(description)
    assert not isinstance(schema, bool)
    return schema


def messages(description: ApiDescription) -> list[str]:
    """What the problems of a description say."""
    return [problem.message for problem in description.problems]
