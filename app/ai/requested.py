"""The named schemas of a description as they count for requests, each worked out once.

Large descriptions name hundreds of schemas, and most operations lead to many of the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.ai import intricacy
from app.ai.directions import Lens
from app.openapi.model import Schema
from testops import contract
from testops.json_values import Json


class Requested:
    """Remembers what was asked for."""

    def __init__(self, schemas: Mapping[str, Schema], lens: Lens) -> None:
        self._schemas = schemas
        self._lens = lens
        self._references: dict[str, frozenset[str]] = {}
        self._seen: dict[str, Json] = {}
        self._intricate: dict[str, bool] = {}

    def document(self, places: Mapping[str, list[Schema]]) -> dict[str, Json] | None:
        """Schemas by place, and under "schemas" what they lead to; None where checking never ends.

        That is where one of them asks for too many looks at one value (see `intricacy`).
        """
        named = {name: self._named(name) for name in sorted(self._reached(places))}
        own = {
            place: [self._lens.schema(each) for each in found] for place, found in places.items()
        }
        is_intricate = any(map(self._is_intricate, named)) or intricacy.is_intricate(own, named)
        return None if is_intricate else {**own, "schemas": named}

    def _reached(self, start: Json) -> set[str]:
        found: set[str] = set()
        waiting = set(contract.references(start))
        while waiting:
            name = waiting.pop()
            if name in self._schemas:
                found.add(name)
                waiting |= self._referred(name) - found
        return found

    def _referred(self, name: str) -> frozenset[str]:
        if name not in self._references:
            self._references[name] = frozenset(contract.references(self._schemas[name]))
        return self._references[name]

    def _named(self, name: str) -> Json:
        if name not in self._seen:
            self._seen[name] = self._lens.schema(self._schemas[name])
        return self._seen[name]

    def _is_intricate(self, name: str) -> bool:
        if name not in self._intricate:
            # All that it leads to has been seen by now.
            self._intricate[name] = intricacy.is_intricate(self._seen[name], self._seen)
        return self._intricate[name]
