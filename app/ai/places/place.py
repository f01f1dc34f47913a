"""One place: what the description says of its value, and what it allows or forbids there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.ai import serialising
from app.ai.requests import Request
from testops.json_values import Json
from testops.schemas import Schemas

_SCALAR = frozenset(
    {
        "enum",
        "pattern",
        "format",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """An input at which values are varied."""

    #: What names of checks are made of: "query limit", "body lines 0 quantity".
    words: str
    #: For people: "query parameter limit", "property lines/0/quantity".
    spoken: str
    #: The name of the input alone.
    name: str
    #: JSON pointer to its schema in the description.
    pointer: str
    #: "path", "query", "header", "cookie", "body" or "form".
    location: str
    #: What the description says of the value, references and `allOf` merged in.
    schema: Mapping[str, Json]
    required: bool
    #: What is sent there, or would be; None where nothing could be made.
    value: Json
    #: Whether it is sent when nothing is varied.
    is_sent: bool
    #: The request with another value there; raises NoValueError where nothing can carry it.
    sent: Callable[[Json], Request]
    #: Whether the whole input fits its schema with this value there.
    fits: Callable[[Json], bool]

    @property
    def kinds(self) -> frozenset[str]:
        """The types the schema names, but for null; empty where it names none."""
        named = self.schema.get("type", [])
        return frozenset([named] if isinstance(named, str) else named) - {"null"}

    @property
    def is_text(self) -> bool:
        """Whether values are sent as text, so that a number and its digits are the same."""
        return self.location != "body"

    def forbids(self, value: Json) -> bool:
        """Whether the description forbids the value, however a server reads it."""
        readings = [value, *(_readings(value) if self.is_text else ())]
        return not any(self.fits(reading) for reading in readings)

    def forbids_by(self, keyword: str, value: Json) -> bool:
        """Whether the description forbids the value, and of a scalar's keywords only by this one.

        So that a refusal says something about this keyword.
        """
        others = {
            key: said for key, said in self.schema.items() if key in _SCALAR and key != keyword
        }
        is_alone = not others or Schemas({"others": others}).accepts("/others", value)
        return is_alone and self.forbids(value)


def _readings(value: Json) -> Iterator[Json]:
    """What a server may take the text of a value for."""
    if isinstance(value, list):
        texts = [serialising.text(item) for item in value]
        yield texts
        yield [_spelled(text) for text in texts]
    else:
        text = serialising.text(value)
        yield text
        yield _spelled(text)
        yield [text]


def _spelled(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text
