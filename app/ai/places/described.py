"""What a description says of one value, read in one place, and a value it may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.ai import merging
from app.ai.errors import NoValueError
from app.ai.material import OperationMaterial
from app.openapi.model import Example, Schema
from testops.json_values import Json

#: Alternatives inside each other that are taken in; a schema may refer to itself.
_MAX_ALTERNATIVES = 4
_NULL: Mapping[str, Json] = {"type": "null"}


def whole(
    schema: Schema, schemas: Mapping[str, Schema], depth: int = _MAX_ALTERNATIVES
) -> dict[str, Json]:
    """The schema in one place; where it is "this or null", what it says beside null."""
    found = merging.merged(schema, schemas) or {}
    for options in found.pop("choices", []):
        others = [each for each in options if each != _NULL]
        if len(others) == 1 and depth:
            found = whole({"allOf": [found, others[0]]}, schemas, depth - 1)
    return found


def value(
    material: OperationMaterial,
    schema: Schema,
    name: str,
    accepts: Callable[[Json], bool],
    examples: Sequence[Example] = (),
) -> Json:
    """The value that would be sent; None where none is found."""
    try:
        made = material.values.make(schema, name, examples=examples, accepts=accepts)
    except NoValueError:
        return None
    return made.value
