"""What an operation's documented success holds: one resource, or a list of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.ai import merging
from app.openapi.model import Content, Operation, Response, Schema
from testops import pointers
from testops.contract import essence
from testops.json_values import Json

#: More schemas inside each other than this are not looked into for their name.
_MAX_NAMES = 8


@dataclass(frozen=True, slots=True)
class Entity:
    """The schema of one resource, and where it stands in the answer."""

    #: JSON pointer, empty for the whole answer.
    at: str
    properties: Mapping[str, Schema]


@dataclass(frozen=True, slots=True)
class Listing:
    """The schema of an item, and where the items stand in the answer."""

    at: str
    item: Mapping[str, Json]
    #: The answer around the items; empty where it is the list itself.
    around: Mapping[str, Schema]


def successes(operation: Operation) -> Iterator[Response]:
    """The documented 2xx."""
    return (each for each in operation.responses if each.status.startswith("2"))


def content(operation: Operation) -> Content | None:
    """The first documented success that is JSON."""
    for response in successes(operation):
        for each in response.contents:
            if essence(each.media_type).endswith("json"):
                return each
    return None


def schema(operation: Operation, schemas: Mapping[str, Schema]) -> Mapping[str, Json]:
    """Its schema, read in one place; empty where no success is JSON."""
    found = content(operation)
    return (merging.merged(found.schema, schemas) or {}) if found else {}


def entity(
    operation: Operation, schemas: Mapping[str, Schema], names: Collection[str]
) -> Entity | None:
    """The resource in the answer: the object that has one of the names, at the top or in it."""
    whole = schema(operation, schemas)
    properties: Mapping[str, Schema] = whole.get("properties", {})
    if any(name in properties for name in names):
        return Entity("", properties)
    parts = {name: merging.merged(each, schemas) or {} for name, each in properties.items()}
    fitting = [
        Entity(pointers.plain([name]), inner)
        for name, part in parts.items()
        if any(each in (inner := part.get("properties", {})) for each in names)
    ]
    return fitting[0] if len(fitting) == 1 else None


def listing(operation: Operation, schemas: Mapping[str, Schema]) -> Listing | None:
    """The items in the answer: at the top, or in the only list of an object."""
    whole = schema(operation, schemas)
    if "items" in whole:
        return Listing("", merging.merged(whole["items"], schemas) or {}, {})
    properties: Mapping[str, Schema] = whole.get("properties", {})
    parts = {name: merging.merged(part, schemas) or {} for name, part in properties.items()}
    lists = [name for name, part in parts.items() if "items" in part]
    if len(lists) != 1:
        return None
    item = merging.merged(parts[lists[0]]["items"], schemas) or {}
    return Listing(pointers.plain(lists), item, properties)


def name(operation: Operation, schemas: Mapping[str, Schema]) -> str:
    """The name of the answer's schema: "Pet"; empty where it has none."""
    found = content(operation)
    target, part = "", found.schema if found else True
    for _ in range(_MAX_NAMES):
        if not isinstance(part, Mapping) or not isinstance(part.get("$ref"), str):
            break
        target = part["$ref"].removeprefix("#/schemas/")
        part = schemas.get(target, True)
    return target
