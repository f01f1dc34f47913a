"""Collects what could not be used, and stops a description that unfolds without end."""

from __future__ import annotations

from app.errors import DescriptionError
from app.openapi import limits
from app.openapi.model import Problem
from app.openapi.tree import prose


class Problems:
    """The problems of one load, each place and message once, and the load's budget of parts."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], None] = {}
        self._parts = 0
        #: Problems met so far, repeated ones included: a change tells that something was dropped.
        self.count = 0

    def add(self, pointer: str, message: str) -> None:
        """Note a problem at a JSON pointer (a URI fragment, with the document before it)."""
        self.count += 1
        if len(self._seen) <= limits.MAX_PROBLEMS:
            self._seen[pointer, prose(message)] = None

    def spend(self, parts: int = 1) -> None:
        """Count parts that were read; DescriptionError when references multiply them endlessly."""
        self._parts += parts
        if self._parts > limits.MAX_PARTS:
            raise DescriptionError(
                f"The description unfolds into more than {limits.MAX_PARTS:,} parts.",
                where="#",
                hint="Its references multiply each other; give a smaller description.",
            )

    def listed(self) -> tuple[Problem, ...]:
        """Every problem, the list cut at its limit with a last entry that says so."""
        listed = [Problem(pointer, message) for pointer, message in self._seen]
        if len(listed) > limits.MAX_PROBLEMS:
            listed[limits.MAX_PROBLEMS :] = [Problem("#", "There are more problems than listed.")]
        return tuple(listed)
