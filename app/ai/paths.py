"""The paths of a description as a tree of segments, to find which of them an address may mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.openapi.model import Operation

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(slots=True)
class _Node:
    """Where a path has come to: what comes next, and the methods if it ends here."""

    #: By the segment as it is written.
    below: dict[str, _Node] = field(default_factory=dict)
    #: Of these, those that hold a placeholder.
    templates: dict[str, _Node] = field(default_factory=dict)
    methods: list[str] = field(default_factory=list)


class Paths:
    """Answers without a look at every other path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for each in operations:
            self._end(each.path).methods.append(each.method)

    def methods(self, path: str) -> frozenset[str]:
        """The methods of every documented path that an address of this one may belong to."""
        met = _met(self._root, path.split("/"))
        return frozenset(method for node in met for method in node.methods)

    def first(self, path: str) -> str:
        """The method of the first operation on exactly this path."""
        return self._end(path).methods[0]

    def _end(self, path: str) -> _Node:
        """The node at the end of a path, which is there afterwards."""
        node = self._root
        for segment in path.split("/"):
            below = node.below.setdefault(segment, _Node())
            if _PLACEHOLDER.search(segment):
                node.templates[segment] = below
            node = below
        return node


def _met(node: _Node, segments: Sequence[str]) -> Iterator[_Node]:
    if not segments:
        yield node
        return
    for below in _next(node, segments[0]):
        yield from _met(below, segments[1:])


def _next(node: _Node, segment: str) -> Iterator[_Node]:
    """What comes after this segment, and after others that one text may be as well."""
    if segment in node.below:
        yield node.below[segment]
    others = node.below if _PLACEHOLDER.search(segment) else node.templates
    for other, below in others.items():
        if other != segment and (_fits(other, segment) or _fits(segment, other)):
            yield below


def _fits(template: str, segment: str) -> bool:
    """Whether a segment, its own placeholders taken for texts, is one that a template describes."""
    pattern = ".+".join(re.escape(part) for part in _PLACEHOLDER.split(template))
    return re.fullmatch(pattern, segment) is not None
