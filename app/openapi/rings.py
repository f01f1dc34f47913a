"""Finds schemas that refer to themselves about the same value, and opens the ring.

Recursion through a part of the value is fine: a tree's child is smaller than the tree. A schema
that asks of a value what it asks of the same value never ends for whoever generates from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a subschema stands in its named schema; no name where no ring can come about."""

    name: str = ""
    #: Among alternatives: a ring there adds no alternative, elsewhere it adds no condition.
    inside: bool = False

    def among_alternatives(self) -> Standing:
        """The standing of a branch of anyOf, oneOf or not."""
        return replace(self, inside=True)


@dataclass(frozen=True, slots=True)
class _Edge:
    target: str
    holder: dict[str, object]
    inside: bool

    def cut(self) -> None:
        del self.holder["$ref"]
        if self.inside:
            self.holder["not"] = {}


class Rings:
    """The references between named schemas that are about the same value."""

    def __init__(self) -> None:
        self._edges: dict[str, list[_Edge]] = {}

    def add(self, standing: Standing, target: str, holder: dict[str, object]) -> None:
        """Note that `holder`, with its `$ref` to the schema `target`, stands in a named schema."""
        if standing.name:
            self._edges.setdefault(standing.name, []).append(_Edge(target, holder, standing.inside))

    def broken(self) -> list[str]:
        """Cut one reference of every ring; the names of the schemas where it was cut."""
        cut: list[str] = []
        done: set[str] = set()
        for start in self._edges:
            path = {start: None}
            stack = [(start, self._from(start))]
            while stack and start not in done:
                name, edges = stack[-1]
                edge = next(edges, None)
                if edge is None:
                    stack.pop()
                    path.pop(name)
                    done.add(name)
                elif edge.target in path:
                    edge.cut()
                    cut.append(name)
                elif edge.target not in done:
                    path[edge.target] = None
                    stack.append((edge.target, self._from(edge.target)))
        return cut

    def _from(self, name: str) -> Iterator[_Edge]:
        return iter(self._edges.get(name, ()))
