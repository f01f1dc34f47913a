"""Tells which names Python source refers to, without a tree of objects for every word of it."""

from __future__ import annotations

import symtable
from collections.abc import Set as AbstractSet


def referenced(source: str, names: AbstractSet[str]) -> set[str]:
    """Which of the names stand in the source as names: not in texts, nor behind a dot."""
    found: set[str] = set()
    tables = [symtable.symtable(source, "source", "exec")]
    while tables:
        table = tables.pop()
        there = names & set(table.get_identifiers())
        found |= {name for name in there if table.lookup(name).is_referenced()}
        tables.extend(table.get_children())
    return found
