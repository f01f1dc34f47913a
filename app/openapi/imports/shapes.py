"""What a few values show of a schema: the names of properties, and nothing that could be wrong.

A value that was sent or answered once is an example. That another has its types, its lengths or all
its properties is nothing an example says.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.openapi.tree import Json

_MAX_DEPTH = 8
_MAX_ITEMS = 50
_MAX_PROPERTIES = 200


def shape_of(values: Sequence[Json], depth: int = _MAX_DEPTH) -> dict[str, Json]:
    """A schema that every JSON value of this place may meet: `properties` and `items` only."""
    objects = [value for value in values if isinstance(value, dict)]
    lists = [value for value in values if isinstance(value, list)]
    if not depth or len(values) not in {len(objects), len(lists)}:
        return {}
    if lists:
        elements = [element for value in lists for element in value[:_MAX_ITEMS]]
        inner = shape_of(elements, depth - 1)
        return {"items": inner} if inner else {}
    names = list(dict.fromkeys(name for value in objects for name in value))[:_MAX_PROPERTIES]
    properties: dict[str, Json] = {
        name: shape_of([value[name] for value in objects if name in value], depth - 1)
        for name in names
    }
    return {"properties": properties} if properties else {}


def top_of(values: Sequence[Json]) -> dict[str, Json]:
    """The same, with the type that all values have at their top: an object or a list."""
    for name, kind in (("object", dict), ("array", list)):
        if values and all(isinstance(value, kind) for value in values):
            return {"type": name, **shape_of(values)}
    return {}
