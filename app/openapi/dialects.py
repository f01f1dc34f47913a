"""Respells the schema keywords of Swagger 2.0 and OpenAPI 3.0 in JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Iterator

from app.openapi.references import reference_in
from app.openapi.tree import Json, Node


def keywords_of(node: Node) -> Iterator[tuple[str, Node]]:
    """The keywords of a schema object as 2020-12 names them, each with its value at its place."""
    for part in node.items():
        match part.token, part.value:
            case "type", "file":
                yield "type", part.child("", "string")
                yield "format", part.child("", "binary")
            case "exclusiveMinimum" | "exclusiveMaximum", bool(excluded):
                yield from _exclusive(node, part.token, excluded=excluded)
            case "items", list():
                yield "prefixItems", part
                yield from _renamed(node, "additionalItems", "items")
            case "dependencies", dict():
                yield from _dependencies(part)
            case "example", example if "examples" not in _object(node):
                if reference_in(part) is None:
                    yield "examples", part.child("", [example])
            case _:
                yield part.token, part


def allows_null(node: Node) -> bool:
    """Whether OpenAPI 3.0's `nullable`, or its forerunner in Swagger 2.0, is set."""
    return any(_object(node).get(key) is True for key in ("nullable", "x-nullable"))


def _object(node: Node) -> dict[str, Json]:
    return node.value if isinstance(node.value, dict) else {}


def _exclusive(node: Node, keyword: str, *, excluded: bool) -> Iterator[tuple[str, Node]]:
    """Draft 4's flag beside a bound: `minimum: 0, exclusiveMinimum: true`."""
    if excluded:
        bound = "minimum" if keyword == "exclusiveMinimum" else "maximum"
        yield from _renamed(node, bound, keyword)


def _renamed(node: Node, keyword: str, name: str) -> Iterator[tuple[str, Node]]:
    part = node.get(keyword)
    if part is not None:
        yield name, part


def _dependencies(part: Node) -> Iterator[tuple[str, Node]]:
    """Draft 4 to 7: lists of names and schemas under one keyword."""
    value = _object(part)
    names: dict[str, Json] = {}
    schemas: dict[str, Json] = {}
    for key, entry in value.items():
        (names if isinstance(entry, list) else schemas)[key] = entry
    if names:
        yield "dependentRequired", Node(part.document, names, part.parent, part.token)
    if schemas:
        yield "dependentSchemas", Node(part.document, schemas, part.parent, part.token)
