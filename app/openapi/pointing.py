"""Whether a pointer leads somewhere in an API description, as people and models write pointers."""

from __future__ import annotations

from collections.abc import Sequence

from app.openapi import parsing
from app.openapi.problems import Problems
from app.openapi.tree import Json, tokens_of

#: References that lead to references are followed so far.
_MAX_REFERENCES = 20
_MAX_LENGTH = 2000


class Pointers:
    """The places of a description's entry document; local references count as what they lead to."""

    def __init__(self, tree: Json) -> None:
        self._tree = tree

    @classmethod
    def of(cls, data: bytes) -> Pointers:
        """Those of a document in JSON or YAML; raises DescriptionError."""
        return cls(parsing.parse(data, document="", problems=Problems()))

    def lead_to(self, fragment: str) -> bool:
        """Whether there is something at "#/paths/~1pets/get"."""
        if not fragment.startswith("#") or len(fragment) > _MAX_LENGTH:
            return False
        try:
            place = self._tree
            for token in tokens_of(fragment[1:]):
                place = self._below(place, token)
        except (LookupError, ValueError):
            return False
        return True

    def _below(self, place: Json, key: str) -> Json:
        """What is under a key or index, of the place itself or of what it refers to."""
        for _ in range(_MAX_REFERENCES):
            target = place.get("$ref") if isinstance(place, dict) else None
            if key == "$ref" or not isinstance(target, str) or not target.startswith("#"):
                break
            place = self._at(tokens_of(target[1:]))
        return _child(place, key)

    def _at(self, tokens: Sequence[str]) -> Json:
        """A place, without following references on the way to it."""
        place = self._tree
        for token in tokens:
            place = _child(place, token)
        return place


def _child(place: Json, token: str) -> Json:
    if isinstance(place, dict):
        return place[token]
    if isinstance(place, list) and token.isdecimal():
        return place[int(token)]
    raise LookupError(token)
