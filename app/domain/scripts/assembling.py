"""Puts the parts of a merged module into an order, and one after the other."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from dataclasses import replace

from app.domain.scripts.parts import Kind, Part


def plain(text: str) -> str:
    """The text with every line break a line feed; they mean the same to Python everywhere."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def broken_as(text: str, model: str) -> str:
    """A plain text with the line breaks that most of the model's lines have."""
    is_windows = model.count("\r\n") * 2 > model.count("\n")
    return text.replace("\n", "\r\n") if is_windows else text


def order(
    base: Sequence[str], edited: Sequence[str], generated: Sequence[str], kept: Collection[str]
) -> list[str]:
    """The keys that are kept, as they are generated, or as they were edited if that moved some.

    What both sides have and the base has not stands where it was put by hand.
    """
    is_moved = _common(base, edited) != _common(edited, base)
    both = _common(edited, generated)
    is_put = not set(both) <= set(base) and both != _common(generated, edited)
    first, second = (edited, generated) if is_moved or is_put else (generated, edited)
    return _filled(_filled([key for key in first if key in kept], second, kept), base, kept)


def _common(one: Sequence[str], other: Sequence[str]) -> list[str]:
    known = set(other)
    return [key for key in one if key in known]


def _filled(keys: list[str], others: Sequence[str], kept: Collection[str]) -> list[str]:
    """The keys, each further one of the others after what comes before it there."""
    result, place = list(keys), 0
    known = set(keys)
    for key in others:
        if key in known:
            place = result.index(key) + 1
        elif key in kept:
            result.insert(place, key)
            place += 1
    return result


def laid_out(part: Part, base: Part | None, edited: Part | None, generated: Part | None) -> Part:
    """The part with the blank lines around it that somebody gave it, or else the generation."""
    is_own = edited and (base is None or (edited.gap, edited.end) != (base.gap, base.end))
    model = edited if is_own else generated or edited or base
    return replace(part, gap=model.gap, end=model.end) if model else part


def joined(parts: Sequence[Part], tail: str) -> str:
    """The parts as one text; each begins on a line of its own, and after a comment with a gap."""
    pieces: list[str] = []
    for number, part in enumerate(parts):
        before = parts[number - 1] if number else None
        if before and not before.end:
            pieces.append("\n")
        if before and before.kind is Kind.COMMENT and not part.gap:
            pieces.append("\n")
        pieces += [part.gap, part.text, part.end]
    return "".join(pieces) + tail


def compiles(text: str) -> bool:
    """Whether Python would take the module."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<script>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
