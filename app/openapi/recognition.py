"""Which version a description is written in, or what else somebody gave us in its place."""

from __future__ import annotations

import re

from app.errors import DescriptionError
from app.openapi import tree
from app.openapi.problems import Problems
from app.openapi.tree import Json

_HINT = "Give an OpenAPI 3.0, 3.1 or 3.2 or a Swagger 2.0 description."
_OPENAPI = re.compile(r"(3\.[012])(\.[0-9A-Za-z.+-]+)?")
_SWAGGER = re.compile(r"2(\.0){0,2}")
#: How a text begins, and what it then is.
_BEGINNINGS = (
    (re.compile(r"<!doctype html|<html", re.IGNORECASE), "an HTML page, perhaps a sign-in page"),
    (re.compile(r"<"), "XML or HTML"),
    (re.compile(r"#%RAML"), "a RAML description"),
    (re.compile(r"FORMAT:\s*1A"), "an API Blueprint"),
    (re.compile(r"syntax\s*=\s*[\"']proto"), "a Protocol Buffers file"),
    (
        re.compile(
            r"(?:\s*(?:#[^\n]*|\"\"\".*?\"\"\")\n)*+\s*"
            r"(?:extend\s+)?(?:schema|type|input|enum|interface|union|scalar|directive|query)"
            r"\b[^:\n]*[{=@]",
            re.DOTALL,
        ),
        "a GraphQL schema",
    ),
    (re.compile(r"curl\s"), "a curl command line"),
)
#: Keys at the top that tell other kinds of document.
_KEYS = {
    "asyncapi": "an AsyncAPI description",
    "swaggerVersion": "a Swagger 1.x description",
    "openrpc": "an OpenRPC description",
    "arazzo": "an Arazzo workflow",
    "overlay": "an OpenAPI overlay",
    "discoveryVersion": "a Google discovery document",
    "__schema": "a GraphQL introspection result",
    "_postman_variable_scope": "a Postman environment",
    "apiVersion": "a Kubernetes manifest or the like",
    "$schema": "a JSON Schema",
}


def kind_of_text(text: str) -> str:
    """What a text seems to be that is no API description of ours; empty when it is not known."""
    beginning = text.lstrip("\ufeff \t\r\n")[:2000]
    return next((kind for pattern, kind in _BEGINNINGS if pattern.match(beginning)), "")


def dialect_of(value: Json, *, problems: Problems) -> str:
    """The dialect of an entry document: "2.0", "3.0", "3.1" or "3.2".

    DescriptionError for every other document, saying what it seems to be.
    """
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        raise DescriptionError(f"This is {kind}, not an API description.", where="#", hint=_HINT)
    if value.get("openapi") is not None:
        if "swagger" in value:
            problems.add("#/swagger", "Both 'openapi' and 'swagger' are given; 'openapi' counts.")
        return _openapi(value["openapi"])
    if value.get("swagger") is not None:
        return _swagger(value["swagger"])
    kind = _kind_of_object(value)
    if kind:
        raise DescriptionError(f"This is {kind}.", where="#", hint=_HINT)
    raise DescriptionError(
        "The description does not say its version: there is neither 'openapi' nor 'swagger'.",
        where="#",
        hint=_HINT,
    )


def _openapi(version: Json) -> str:
    found = _OPENAPI.fullmatch(tree.prose(version))
    if not found:
        raise _unknown_version("openapi", version)
    return found[1]


def _swagger(version: Json) -> str:
    if not _SWAGGER.fullmatch(tree.prose(version)):
        raise _unknown_version("swagger", version)
    return "2.0"


def _unknown_version(key: str, version: Json) -> DescriptionError:
    given = tree.prose(version)[:50]
    return DescriptionError(
        f"The version '{given}' under '{key}' is not known.", where=f"#/{key}", hint=_HINT
    )


def _kind_of_object(value: dict[str, Json]) -> str:
    information = value.get("info")
    if isinstance(information, dict) and "item" in value:
        return "a Postman collection"
    if "requests" in value and "order" in value:
        return "a Postman collection of version 1, which Postman exports as 2.1"
    log = value.get("log")
    if isinstance(log, dict) and "entries" in log:
        return "a HAR recording"
    data = value.get("data")
    if isinstance(data, dict) and "__schema" in data:
        return _KEYS["__schema"]
    return next((kind for key, kind in _KEYS.items() if key in value), "")
