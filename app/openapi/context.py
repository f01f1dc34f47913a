"""What the parts of one load share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.openapi.problems import Problems
from app.openapi.references import BrokenReferenceError, References, reference_in
from app.openapi.schemas import Schemas
from app.openapi.tree import Node


@dataclass(frozen=True, slots=True)
class Context:
    """The description being loaded."""

    #: "2.0", "3.0", "3.1" or "3.2".
    dialect: str
    references: References
    schemas: Schemas
    problems: Problems

    @property
    def root(self) -> Node:
        """The entry document."""
        return self.references.entry

    def entries(self, owner: Node, key: str) -> Iterator[Node]:
        """The entries of the object under a key, each with its key as token.

        A reference in place of the whole object is followed: not in the standard, but in use.
        """
        container = owner.get(key)
        if container is not None and reference_in(container) is not None:
            container = self.object_at(container, f"'{key}'")
        if container is not None and not isinstance(container.value, dict):
            self.problems.add(container.pointer, f"'{key}' is left out: an object was expected.")
        yield from container.items() if container else ()

    def object_at(self, node: Node, what: str) -> Node | None:
        """The object a place holds or refers to; None, with a problem, where there is none."""
        self.problems.spend()
        try:
            target = self.references.follow(node)
        except BrokenReferenceError as error:
            self.problems.add(node.pointer, f"The {what} is left out: {error}.")
            return None
        if isinstance(target.value, dict) and "$ref" not in target.value:
            return target
        self.problems.add(node.pointer, f"The {what} is left out: an object was expected.")
        return None
