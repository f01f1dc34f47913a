"""Values that fit a schema: the description's own examples first, then made-up ones.

Everything is bounded (depth, size, tries), because a schema may ask for a string of a gigabyte, an
endless tree, or something that cannot be. Every value is held against the schema before it is used.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.ai import merging, quoting, scalars
from app.ai.directions import Lens
from app.ai.errors import NoValueError
from app.openapi.model import Example, Schema
from testops.json_values import Json

#: Objects and lists inside each other.
_MAX_DEPTH = 8
#: Schemas looked at for one value.
_MAX_STEPS = 400
#: Values made before giving up; from the middle on without what examples say.
_MAX_TRIES = 6
#: Longest list that is made.
_MAX_ITEMS = 20


@dataclass(frozen=True, slots=True)
class Made:
    """A value, and the names of what was made up in it rather than taken from the description."""

    value: Json
    invented: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from: the schemas of a description as they count for requests."""

    schemas: Mapping[str, Schema]
    #: Says which properties are not sent.
    lens: Lens
    #: Chance for a name, so that one value does not depend on the others.
    chance_of: Callable[[str], random.Random]

    def make(
        self,
        schema: Schema,
        name: str,
        *,
        examples: Sequence[Example] = (),
        accepts: Callable[[Json], bool],
    ) -> Made:
        """A value that `accepts` lets pass; raises NoValueError."""
        for example in examples:
            if quoting.is_quotable(example.value) and accepts(example.value):
                return Made(example.value)
        reason = "no value was found that fits its schema"
        for attempt in range(_MAX_TRIES):
            try:
                made = _Attempt(self, name, attempt).made(schema, name, _MAX_DEPTH)
            except NoValueError as error:
                reason = str(error)
                continue
            if quoting.is_quotable(made.value) and accepts(made.value):
                return made
        raise NoValueError(reason)


class _Attempt:
    """One try at a value; its number chooses among alternatives, so that each try differs."""

    def __init__(self, source: Source, name: str, number: int) -> None:
        self._source = source
        self._chance = source.chance_of(f"{name} {number}")
        self._uses_examples = number < _MAX_TRIES // 2
        #: Which alternative is taken; a list of unique items moves it on.
        self._turn = number
        self._steps = 0

    def made(self, schema: Schema, name: str, depth: int) -> Made:
        whole = self._merged(schema)
        if depth < 0:
            raise NoValueError("no finite value of reasonable size fits its schema")
        given = _given(whole) if self._uses_examples or "const" in whole else []
        if given:
            return Made(given[self._turn % len(given)])
        if whole.get("enum"):
            return Made(whole["enum"][self._turn % len(whole["enum"])])
        schema = self._with_choices(whole)
        kind = _kind(schema, self._turn)
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        return self._scalar(kind, schema, name)

    def _merged(self, schema: Schema) -> dict[str, Json]:
        self._steps += 1
        whole = merging.merged(schema, self._source.schemas)
        if whole is None:
            raise NoValueError("its schema allows no value")
        if self._steps > _MAX_STEPS:
            raise NoValueError("no finite value of reasonable size fits its schema")
        return whole

    def _with_choices(self, whole: Mapping[str, Json]) -> dict[str, Json]:
        """The schema with one alternative of each `oneOf` and `anyOf` in it."""
        schema = {key: value for key, value in whole.items() if key != "choices"}
        picked = [options[self._turn % len(options)] for options in whole.get("choices", ())]
        if not picked:
            return schema
        return self._with_choices(self._merged({"allOf": [schema, *picked]}))

    def _scalar(self, kind: str, schema: Mapping[str, Json], name: str) -> Made:
        if kind == "boolean":
            return Made(self._turn % 2 == 0)
        if kind == "null":
            return Made(None)
        if kind == "integer":
            return Made(scalars.integer(schema, self._turn), (name,))
        if kind == "number":
            return Made(scalars.number(schema, self._turn), (name,))
        return Made(scalars.text(schema, name, self._chance), (name,))

    def _object(self, schema: Mapping[str, Json], depth: int) -> Made:
        properties: dict[str, Schema] = schema.get("properties", {})
        hidden = self._source.lens.hidden_in(schema)
        required = [name for name in schema.get("required", ()) if name not in hidden]
        other: Schema = schema.get("additionalProperties", True)
        made = {name: self.made(properties.get(name, other), name, depth - 1) for name in required}
        optional = [name for name in properties if name not in made and name not in hidden]
        fewest = max(schema.get("minProperties", 0), int(depth == _MAX_DEPTH))
        for name in optional:
            if len(made) < fewest or self._has_example(properties[name]):
                made.update(self._if_possible(properties[name], name, depth - 1))
        self._fill(made, other, schema.get("minProperties", 0), depth)
        return Made(
            {name: part.value for name, part in made.items()},
            tuple(name for part in made.values() for name in part.invented),
        )

    def _fill(self, made: dict[str, Made], other: Schema, fewest: int, depth: int) -> None:
        """Add properties of free names until there are enough."""
        if fewest > _MAX_ITEMS:
            raise NoValueError(f"its schema asks for {fewest} properties")
        for number in range(len(made), fewest):
            name = f"key{number + 1}"
            made[name] = self.made(other, name, depth - 1)

    def _if_possible(self, schema: Schema, name: str, depth: int) -> dict[str, Made]:
        try:
            return {name: self.made(schema, name, depth)}
        except NoValueError:
            return {}

    def _has_example(self, schema: Schema) -> bool:
        if not self._uses_examples or self._steps > _MAX_STEPS // 2:
            return False
        whole = merging.merged(schema, self._source.schemas)
        return whole is not None and ("example" in whole or bool(whole.get("examples")))

    def _array(self, schema: Mapping[str, Json], name: str, depth: int) -> Made:
        fewest = schema.get("minItems", 0)
        if fewest > _MAX_ITEMS:
            raise NoValueError(f"its schema asks for a list of {fewest} items")
        wanted = min(
            max(fewest, 1 if self._uses_examples else 0), schema.get("maxItems", fewest + 1)
        )
        items = []
        first = list(schema.get("prefixItems", ()))
        for number in range(wanted):
            part = first[number] if number < len(first) else schema.get("items", True)
            items.append(self.made(part, name, depth - 1))
            self._turn += bool(schema.get("uniqueItems"))
        return Made(
            [item.value for item in items],
            tuple(dict.fromkeys(each for item in items for each in item.invented)),
        )


def _given(schema: Mapping[str, Json]) -> list[Json]:
    """The values the schema itself names, the surest first."""
    found = [schema[key] for key in ("const", "example") if key in schema]
    examples = schema.get("examples")
    found.extend(examples if isinstance(examples, list) else ())
    if not found and "default" in schema:
        found.append(schema["default"])
    return found


def _kind(schema: Mapping[str, Json], turn: int) -> str:
    """The type to make: as the schema says, or as its keywords suggest."""
    types = schema.get("type")
    if isinstance(types, list) and types:
        ordered = sorted(types, key=lambda kind: kind == "null")
        return str(ordered[turn % len(ordered)])
    if types:
        return str(types)
    for kind, keywords in _KEYWORDS.items():
        if keywords & schema.keys():
            return kind
    return "string"


_KEYWORDS = {
    "object": {"properties", "additionalProperties", "required", "minProperties"},
    "array": {"items", "prefixItems", "minItems"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}
