"""Finds schemas that would take a validator years, before one is asked.

A few schemas that each take in the next one twice (`allOf`, `anyOf`, `oneOf`) double the work with
every step: thirty of them ask for a billion looks at the same value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.openapi.model import Schema
from testops.json_values import Json

#: Looks at one value by one schema; the largest real descriptions stay below a thousand.
MAX_LOOKS = 10_000

_PREFIX = "#/schemas/"
_BRANCHES = ("allOf", "anyOf", "oneOf")


def is_intricate(document: Json, schemas: Mapping[str, Schema]) -> bool:
    """Whether any schema in a document of schemas needs too many looks at one value."""
    return any(_looks(part, schemas) > MAX_LOOKS for part in _objects(document))


def _objects(document: Json) -> Iterator[Mapping[str, Json]]:
    waiting = [document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _looks(schema: Mapping[str, Json], schemas: Mapping[str, Schema]) -> int:
    """How many schemas look at the same value; stops counting beyond the limit."""
    count = 0
    waiting: list[Json] = [schema]
    while waiting and count <= MAX_LOOKS:
        part = waiting.pop()
        if isinstance(part, Mapping):
            count += 1
            waiting.extend(each for key in _BRANCHES for each in _list(part.get(key)))
            waiting.append(schemas.get(str(part.get("$ref")).removeprefix(_PREFIX)))
    return count


def _list(value: Json) -> list[Json]:
    # The walk also comes by a property that is named "allOf".
    return value if isinstance(value, list) else []
