"""Follows references and merges `allOf`, so that a schema can be read in one place.

The merged schema helps to find a value; whether the value fits is always asked of the original.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from app.openapi.model import Schema
from testops.json_values import Json

_PREFIX = "#/schemas/"
_TAKEN_IN = frozenset({"$ref", "allOf", "oneOf", "anyOf"})


def merged(schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, Json] | None:
    """The schema with `$ref` and `allOf` merged in at its top; None where nothing can fit.

    `oneOf` and `anyOf` are gathered under "choices", a list of lists of alternatives.
    """
    result: dict[str, Json] = {}
    for part in _parts(schema, schemas):
        if part is False:
            return None
        if isinstance(part, Mapping):
            own = _own(part)
            result = _united(result, own) if result else own
    return result


def _parts(schema: Schema, schemas: Mapping[str, Schema]) -> Iterator[Schema]:
    """The schema, and what it takes in by `$ref` and `allOf`; each named schema once."""
    taken: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Mapping):
            waiting.extend(reversed(part.get("allOf", ())))
            name = part.get("$ref", "").removeprefix(_PREFIX)
            if name in schemas and name not in taken:
                taken.add(name)
                waiting.append(schemas[name])


def _own(schema: Mapping[str, Json]) -> dict[str, Json]:
    own = {key: value for key, value in schema.items() if key not in _TAKEN_IN}
    own["choices"] = [schema[key] for key in ("oneOf", "anyOf") if schema.get(key)]
    return own


def _united(one: dict[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """Both schemas at once; where one keyword cannot say both, the first stays."""
    result = dict(one)
    for key, value in other.items():
        rule = _RULES.get(key)
        result[key] = rule(result[key], value) if key in result and rule else result.get(key, value)
    return result


def _both_properties(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    return {
        **one,
        **other,
        **{name: {"allOf": [one[name], other[name]]} for name in one if name in other},
    }


def _both_types(one: Json, other: Json) -> list[Json]:
    ours = one if isinstance(one, list) else [one]
    theirs = other if isinstance(other, list) else [other]
    numeric = {"integer", "number"}
    if numeric & set(ours) and numeric & set(theirs) and "integer" in {*ours, *theirs}:
        return ["integer"]
    return [each for each in ours if each in theirs]


def _both_lists(one: list[Json], other: list[Json]) -> list[Json]:
    return [*one, *(each for each in other if each not in one)]


def _common(one: list[Json], other: list[Json]) -> list[Json]:
    return [each for each in one if each in other]


_RULES: Mapping[str, Callable[[Json, Json], Json]] = {
    "properties": _both_properties,
    "type": _both_types,
    "required": _both_lists,
    "choices": lambda one, other: [*one, *other],
    "enum": _common,
    "items": lambda one, other: {"allOf": [one, other]},
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
