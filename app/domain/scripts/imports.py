"""Merges `from … import …` name by name, so that nobody has to settle what a module imports."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from dataclasses import replace

from app.domain.scripts import parts
from app.domain.scripts.parts import Kind, Part

#: As the written modules are laid out (app.ai.formatting).
_LINE_LENGTH = 100


def is_by_name(part: Part | None) -> bool:
    """Whether a part imports names out of a module."""
    return part is not None and part.kind is Kind.IMPORT and part.key.startswith("from ")


def imported(part: Part | None) -> tuple[str, ...]:
    """What a part imports, as it is written: "created", "state as api_state"."""
    if part is None or not is_by_name(part):
        return ()
    # Two statements where `written` has put one beside a remark.
    statements = parts.parse(part.text).body
    found = (each for one in statements if isinstance(one, ast.ImportFrom) for each in one.names)
    return tuple(ast.unparse(each) for each in found)


def chosen(base: Part | None, edited: Part | None, generated: Part | None) -> frozenset[str]:
    """The names that both sides want, and those that one of them has come to want."""
    was, ours, theirs = (frozenset(imported(each)) for each in (base, edited, generated))
    return (ours & theirs) | (ours - was) | (theirs - was)


def bound(name: str) -> str:
    """What a name is called once it is imported: "state as api_state" → "api_state"."""
    return name.rpartition(" as ")[2]


def written(
    wanted: Collection[str], base: Part | None, edited: Part | None, generated: Part | None
) -> Part | None:
    """A part that imports the names, in the words of one side where that can be."""
    is_untouched = edited is None or (base is not None and base.text == edited.text)
    sides = (generated, edited) if is_untouched else (edited, generated)
    model = next((each for each in sides if each is not None), None)
    if not is_untouched and edited and "#" in edited.text:
        return _beside(edited, wanted)
    if not wanted or model is None:
        return None
    fitting = (each for each in sides if each and set(imported(each)) == set(wanted))
    return next(fitting, None) or _told(model, wanted)


def _beside(part: Part, wanted: Collection[str]) -> Part:
    """What has a remark stays as it is; a statement below it imports what is missing."""
    missing = set(wanted) - set(imported(part))
    if not missing:
        return part
    text = f"{part.text}\n{_statement(_head(part), missing)}"
    return replace(part, text=text, binds=_bound([*imported(part), *missing]))


def _told(part: Part, wanted: Collection[str]) -> Part:
    return replace(part, text=_statement(_head(part), wanted), binds=_bound(wanted))


def _head(part: Part) -> str:
    """Where from: the key without the number that tells two statements apart."""
    return part.key.partition(" (")[0]


def _bound(wanted: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(bound(each) for each in wanted))


def _statement(head: str, wanted: Collection[str]) -> str:
    """The statement in the order the writer has: classes, then functions."""
    ordered: Sequence[str] = sorted(wanted, key=lambda name: (name[0].islower(), name))
    line = f"{head} import {', '.join(ordered)}"
    if len(line) <= _LINE_LENGTH:
        return line
    return "\n".join([f"{head} import (", *(f"    {each}," for each in ordered), ")"])
