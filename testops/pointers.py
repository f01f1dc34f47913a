"""JSON pointers (RFC 6901), plain and as URI fragments."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from testops.json_values import Json


def of(*tokens: str) -> str:
    """The pointer that leads through the tokens, as a URI fragment without its "#"."""
    return "".join(f"/{quote(_escaped(token), safe='')}" for token in tokens)


def plain(tokens: Iterable[str | int]) -> str:
    """The pointer that leads through the tokens, for people."""
    return "".join(f"/{_escaped(str(token))}" for token in tokens)


def value_at(document: Json, pointer: str) -> Json:
    """The value a plain pointer leads to; raises LookupError where there is none."""
    for key in keys(pointer):
        step = _item if isinstance(document, list) else _member
        document = step(document, key)
    return document


def keys(pointer: str) -> list[str]:
    """What a plain pointer leads through, as it is written in the document."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def replaced(document: Json, pointer: str, value: Json) -> Json:
    """A copy with another value where a plain pointer leads; an object's last key may be new.

    Raises LookupError where the way there does not exist.
    """
    return _replaced(document, keys(pointer), value)


def _replaced(document: Json, way: list[str], value: Json) -> Json:
    if not way:
        return value
    key, *rest = way
    if isinstance(document, list):
        item = _replaced(_item(document, key), rest, value)
        return [*document[: int(key)], item, *document[int(key) + 1 :]]
    member = _replaced(_member(document, key), rest, value) if rest else value
    return {**document, key: member}


def _member(value: Json, key: str) -> Json:
    if not isinstance(value, dict) or key not in value:
        raise LookupError(key)
    return value[key]


def _item(items: list[Json], key: str) -> Json:
    if not key.isdecimal():
        raise LookupError(key)
    return items[int(key)]


def _escaped(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")
