"""Reads what an operation asks for: which inputs are the check's to give, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from app.ai import merging
from app.openapi.model import ApiDescription, Operation, Parameter, Schema
from testops.json_values import Json

#: Headers that the client, the environment or the connection sets (OpenAPI 3.1, "name" of the
#: "Parameter Object"; RFC 9110). A check neither sends nor withholds them.
_OTHERS_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "proxy-authorization",
        "transfer-encoding",
        "user-agent",
    }
)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ID = re.compile(
    r"(?:^|[_\-. ])(?i:ids?|uuid|guid|slug)$|(?<=[a-z0-9])(?:Ids?|ID|Uuid|UUID|Guid|GUID|Slug)$"
)
_WORD = re.compile(r"[^a-z0-9]+")


def parameters(operation: Operation, description: ApiDescription) -> list[Parameter]:
    """The parameters that are the check's to give; placeholders nobody declared are texts."""
    theirs = _credentials(description)
    ours = [each for each in operation.parameters if not _is_others(each, theirs)]
    declared = {each.name for each in ours if each.location == "path"}
    return [*ours, *(_undeclared(operation, name) for name in _missing(operation, declared))]


def placeholders(path: str) -> list[str]:
    """The names in braces in a path template."""
    return _PLACEHOLDER.findall(path)


def is_id(name: str) -> bool:
    """Whether a name says that its value identifies something: "id", "petId", "owner_uuid"."""
    return _ID.search(name) is not None


def names_its_collection(path: str, name: str) -> bool:
    """Whether a placeholder is the singular of the segment before it: "/books/{book}"."""
    before, found, _ = path.partition(f"{{{name}}}")
    collection = _WORD.sub("", before.rstrip("/").rpartition("/")[2].lower())
    singular = _WORD.sub("", name.lower())
    return bool(found and singular) and collection in {f"{singular}s", f"{singular}es"}


def kinds(schema: Schema, schemas: Mapping[str, Schema]) -> set[str]:
    """The types a schema names; empty where it names none."""
    whole = merging.merged(schema, schemas) or {}
    named = whole.get("type", [])
    return {named} if isinstance(named, str) else set(named)


def references_in(value: Json, *, with_id: bool) -> Iterator[str]:
    """Names in a value under which it points at other resources: "author_id", "id" if asked."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            yield from (name for name in part if is_id(name) and (with_id or name.lower() != "id"))
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


#: Location and name.
_Place = tuple[str, str]


def _credentials(description: ApiDescription) -> set[_Place]:
    """Where keys stand, which some descriptions list among the parameters too."""
    schemes = description.security_schemes.values()
    return {_place(each.location, each.parameter) for each in schemes if each.location}


def _is_others(parameter: Parameter, credentials: set[_Place]) -> bool:
    place = _place(parameter.location, parameter.name)
    return place in credentials or (place[0] == "header" and place[1] in _OTHERS_HEADERS)


def _place(location: str, name: str) -> _Place:
    return location, name.lower() if location == "header" else name


def _missing(operation: Operation, declared: set[str]) -> list[str]:
    return [name for name in dict.fromkeys(placeholders(operation.path)) if name not in declared]


def _undeclared(operation: Operation, name: str) -> Parameter:
    return Parameter(
        name=name,
        location="path",
        required=True,
        schema={"type": "string"},
        pointer=operation.pointer,
        style="simple",
    )
