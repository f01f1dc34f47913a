"""Which values of a description may stand in a test: finite, not too deep, valid as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from app.openapi import limits
from app.openapi.model import Example
from app.openapi.problems import Problems
from app.openapi.references import BrokenReferenceError, References, reference_in
from app.openapi.tree import Json, Node, prose


def is_usable(value: Json) -> bool:
    """Whether a value can be written as JSON and walked without care.

    Not so NaN and the infinities, which JSON lacks (RFC 8259, section 6) and parsers make of 1e999.
    """
    return _size(value) > 0


def _size(value: Json) -> int:
    """How many values a usable value is made of; 0 for one that is not usable."""
    pending = [(value, limits.MAX_VALUE_DEPTH)]
    size = 0
    while pending:
        current, depth = pending.pop()
        size += 1
        if isinstance(current, float) and not math.isfinite(current):
            return 0
        if isinstance(current, dict | list):
            if not depth:
                return 0
            members = current.values() if isinstance(current, dict) else current
            pending.extend((member, depth - 1) for member in members)
    return size


def examples(
    node: Node, schema: Node | None, references: References, problems: Problems
) -> tuple[Example, ...]:
    """The examples of a parameter or media type: its own first, then those of its schema."""
    found: list[Example] = []
    for name, place in _places(node, schema, references, problems):
        if len(found) == limits.MAX_EXAMPLES:
            break
        size = _size(place.value)
        problems.spend(size)
        if not size:
            problems.add(place.pointer, "The example is not JSON or nested too deeply; left out.")
        elif all(place.value != example.value for example in found):
            found.append(Example(place.value, name))
    return tuple(found)


def _places(
    node: Node, schema: Node | None, references: References, problems: Problems
) -> Iterator[tuple[str, Node]]:
    """The values, each with its name; empty where it has none."""
    yield from _unnamed(_single(node, references))
    named = node.get("examples")
    for entry in named.items() if named else ():
        try:
            example = references.follow(entry)
            # OpenAPI 3.2 has the value under `dataValue`, how it is written under another key.
            for key in ("value", "dataValue"):
                yield from ((prose(entry.token), each) for each in _present(example, key))
        except BrokenReferenceError as error:
            problems.add(entry.pointer, f"The example is left out: {error}.")
    if schema is None:
        return
    try:
        target = references.follow(schema)
    except BrokenReferenceError:
        return
    yield from _unnamed(_single(target, references))
    listed = target.get("examples")
    yield from _unnamed(listed.elements() if listed else ())


def _unnamed(places: Iterable[Node]) -> Iterator[tuple[str, Node]]:
    return (("", place) for place in places)


def _single(node: Node, references: References) -> Iterator[Node]:
    """The value under `example`; some write a reference to a named example there."""
    for place in _present(node, "example"):
        if reference_in(place) is None:
            yield place
            continue
        try:
            yield from _present(references.follow(place), "value")
        except BrokenReferenceError:
            return


def _present(node: Node, key: str) -> Iterator[Node]:
    """The value under a key, null included: it may be the very example."""
    if isinstance(node.value, dict) and key in node.value:
        yield node.child(key, node.value[key])
