"""Gives statements and comments, which have no names, the keys of those they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.domain.scripts.parts import Kind, Module, Part

_NAMELESS = (Kind.STATEMENT, Kind.COMMENT)


def aligned(base: Module, other: Module) -> Module:
    """The other module; a nameless part that is new takes the place of one that is gone, in order.

    The key of a nameless part is made of its text, so that those that are the same are found.
    """
    pairs = {new: old for kind in _NAMELESS for new, old in _pairs(base, other, kind)}
    renamed = (replace(each, key=pairs.get(each.key, each.key)) for each in other.parts)
    return Module(tuple(renamed), other.tail)


def _pairs(base: Module, other: Module, kind: Kind) -> list[tuple[str, str]]:
    gone = _without(base.parts, other.parts, kind)
    new = _without(other.parts, base.parts, kind)
    return list(zip(new, gone, strict=False))


def _without(parts: Sequence[Part], others: Sequence[Part], kind: Kind) -> list[str]:
    """Keys of the nameless parts of a kind that the others have not."""
    known = {each.key for each in others}
    return [
        each.key for each in parts if each.kind is kind and not each.binds and each.key not in known
    ]
