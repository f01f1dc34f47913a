"""Holds a response of the demo against its description, strictly."""

import json
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
from werkzeug.test import TestResponse

from demo import description
from demo.description import Route

DOCUMENT = description.document()
ROUTES = {route.operation_id: route for route in description.routes()}


def operation(route: Route) -> Mapping[str, Any]:
    """The operation's object in the description."""
    found: Mapping[str, Any] = DOCUMENT["paths"][route.path][route.method.lower()]
    return found


def resolved(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The value itself or what its local reference leads to."""
    if "$ref" not in value:
        return value
    found: Any = DOCUMENT
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return resolved(found)


def is_valid(value: object, schema: Mapping[str, Any]) -> bool:
    """Whether a value obeys a schema that may refer into the description."""
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


def broken(response: TestResponse, operation_id: str) -> str:
    """What the response breaks of the operation's promises; empty where it keeps all."""
    documented = operation(ROUTES[operation_id])["responses"].get(str(response.status_code))
    if documented is None:
        return f"status {response.status_code} is not documented"
    return _broken_headers(response, resolved(documented)) or _broken_body(
        response, resolved(documented)
    )


def _broken_headers(response: TestResponse, documented: Mapping[str, Any]) -> str:
    for name, value in documented.get("headers", {}).items():
        header = resolved(value)
        if name not in response.headers:
            return f"header {name} is missing"
        text = response.headers[name]
        sent = int(text) if header["schema"]["type"] == "integer" else text
        if not is_valid(sent, header["schema"]):
            return f"header {name} is {text}"
    return ""


def _broken_body(response: TestResponse, documented: Mapping[str, Any]) -> str:
    contents = documented.get("content")
    if contents is None:
        return f"an undocumented body {response.data!r}" if response.data else ""
    if response.content_type not in contents:
        return f"content type {response.content_type}"
    value = json.loads(response.data)
    if not is_valid(value, contents[response.content_type]["schema"]):
        return f"the body {value}"
    return ""
