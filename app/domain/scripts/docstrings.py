"""Merges what a function says about itself apart from what it does."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from app.domain.scripts import names, parts
from app.domain.scripts.parts import Kind, Part

T = TypeVar("T")

FUNCTIONS = frozenset({Kind.CHECK, Kind.FIXTURE, Kind.FUNCTION})


def joined(base: Part, edited: Part, generated: Part) -> Part | None:
    """A function of which one side changed the docstring and the other the rest, as both want it.

    None where it cannot be merged so.
    """
    if not all(each.kind in FUNCTIONS for each in (base, edited, generated)):
        return None
    (was, was_said), (ours, we_said), (theirs, they_said) = map(_cut, (base, edited, generated))
    rest, said = _one_of(was, ours, theirs), _one_of(was_said, we_said, they_said)
    if rest is None or said is None:
        return None
    text = rest[0] + said + rest[1]
    return replace(edited, text=text, uses=names.used(parts.parse(text).body))


def _one_of(base: T, edited: T, generated: T) -> T | None:
    """What the side that changed it says; None where both say something of their own."""
    if edited in (base, generated):
        return generated
    return edited if generated == base else None


def _cut(part: Part) -> tuple[tuple[str, str], str]:
    """What stands before and after the lines of the docstring, and these; they may be empty."""
    lines = parts.lines_of(part.text)
    first, last = _place(part.text, lines)
    before, said, after = lines[:first], lines[first:last], lines[last:]
    return ("".join(before), "".join(after)), "".join(said)


def _place(function: str, lines: Sequence[str]) -> tuple[int, int]:
    """The docstring's lines, counted from 0, where it has them for itself."""
    said, *others = _body(function)
    if not (isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant)):
        return len(lines), len(lines)
    end = said.end_lineno or said.lineno
    shares = lines[said.lineno - 1][: said.col_offset].strip()
    if (
        shares
        or not isinstance(said.value.value, str)
        or any(each.lineno <= end for each in others)
    ):
        return len(lines), len(lines)
    return said.lineno - 1, end


def _body(function: str) -> Sequence[ast.stmt]:
    [statement] = parts.parse(function).body
    assert isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))  # noqa: S101 - its part says so
    return statement.body
