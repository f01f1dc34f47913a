"""Tells the branches of a `oneOf` apart by the property that says which one is meant.

OpenAPI 3.1, "Discriminator Object". A value then fits one branch only, although the schemas of
several may accept it, and whoever makes a value knows what the property has to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.openapi.model import Schema
from app.openapi.references import BrokenReferenceError, References
from app.openapi.tree import Node

_IS_REFERENCE = re.compile(r"[#/.]")


def told_apart(
    owner: Node | None,
    branches: Sequence[Schema | None],
    references: References,
    name_of: Callable[[Node], str],
) -> bool:
    """Have each branch of `owner` demand the values of the property that lead to it.

    True where nothing has to be told apart. False where the values of some branch are not listed:
    then more than one may fit, although one is meant.
    """
    place = owner.get("discriminator") if owner else None
    if place is None:
        return True
    named = _read(place, references, name_of)
    objects = [branch for branch in branches if isinstance(branch, dict)]
    if named is None or len(objects) < len(branches):
        return False
    if not all(branch.get("$ref") in named.values for branch in objects):
        return False
    for branch in objects:
        listed = {"enum": named.values[branch["$ref"]]}
        branch.update({"required": [named.property], "properties": {named.property: listed}})
    return True


@dataclass(frozen=True, slots=True)
class _Discriminator:
    property: str
    #: The reference to a schema → the values that lead to it.
    values: Mapping[object, list[str]]


def _read(
    place: Node, references: References, name_of: Callable[[Node], str]
) -> _Discriminator | None:
    """A discriminator that lists values; None where it leaves some to be guessed."""
    name, mapping = place.get("propertyName"), place.get("mapping")
    if name is None or mapping is None or place.get("defaultMapping") is not None:
        return None
    values: dict[object, list[str]] = {}
    for entry in mapping.items():
        target = _target(entry, references)
        if target is not None and isinstance(target.value, dict):
            values.setdefault(f"#/schemas/{name_of(target)}", []).append(entry.token)
    return _Discriminator(name.value, values) if isinstance(name.value, str) else None


def _target(entry: Node, references: References) -> Node | None:
    """The schema that a value is mapped to, by its name or by a reference."""
    text = entry.value if isinstance(entry.value, str) else ""
    reference = text if _IS_REFERENCE.search(text) else f"#/components/schemas/{text}"
    try:
        return references.target(reference, entry.document)
    except BrokenReferenceError:
        return None
