"""One change at one place of a JSON value. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain.strength import Kind
from testops import pointers
from testops.json_values import Json

#: The keys and numbers that lead from the top of a value to a place in it.
Way = tuple[str | int, ...]

#: What lies deeper is not changed, nor looked into.
_DEEPEST = 12
#: What is shown of a value, in characters.
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Edit:
    """A changed value, and where and how it was changed."""

    kind: Kind
    #: A JSON pointer (RFC 6901).
    pointer: str
    told: str
    value: Json


def edits(value: Json) -> Iterator[Edit]:
    """Every change of one place; of a list's items the first and the last are looked at."""
    for way, found in _ways(value, ()):
        pointer = pointers.plain(way)
        if way and isinstance(way[-1], str):
            told = f"{way[-1]} is not there"
            yield Edit(Kind.DROPPED, pointer, told, _edited(value, way[:-1], _without(way[-1])))
        for kind, other in _others(found):
            told = f"{_shown(other)} for {_shown(found)}"
            yield Edit(kind, pointer, told, _edited(value, way, _always(other)))


def _ways(value: Json, way: Way) -> Iterator[tuple[Way, Json]]:
    yield way, value
    if len(way) == _DEEPEST:
        return
    inside: list[tuple[str | int, Json]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = [(number, value[number]) for number in sorted({0, len(value) - 1}) if value]
    for key, member in inside:
        yield from _ways(member, (*way, key))


def _others(value: Json) -> Iterator[tuple[Kind, Json]]:
    """What may stand in place of a value."""
    if value is not None:
        yield Kind.NULLED, None
        yield Kind.RETYPED, _retyped(value)
    if isinstance(value, str | list | dict) and value:
        yield Kind.EMPTIED, type(value)()
    if isinstance(value, list) and value:
        yield Kind.EXTRA_ITEM, [*value, value[-1]]


def _retyped(value: Json) -> Json:
    """The value as another type has it, the way a careless serialiser writes it."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return {str(number): item for number, item in enumerate(value)}
    return [value] if isinstance(value, dict) else json.dumps(value)


def _always(value: Json) -> Callable[[Json], Json]:
    return lambda _: value


def _without(name: str | int) -> Callable[[Json], Json]:
    return lambda members: {key: each for key, each in members.items() if key != name}


def _edited(value: Json, way: Way, edit: Callable[[Json], Json]) -> Json:
    """A copy with another value where the way leads."""
    if not way:
        return edit(value)
    key, *rest = way
    copy = value.copy()
    copy[key] = _edited(value[key], tuple(rest), edit)
    return copy


def _shown(value: Json) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
