"""A value put in the place of another, and what the description says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from app.ai.places.place import Place
from testops.json_values import Json


class Verdict(Enum):
    """What has to come of a value."""

    #: The description forbids it: a refusal (4xx).
    REFUSED = "is refused"
    #: The description allows it, and nothing outside the description can stand against it.
    ACCEPTED = "is accepted"
    #: The description allows it, but the API may have a reason to refuse it.
    ANSWERED = "breaks nothing"


@dataclass(frozen=True, slots=True)
class Variation:
    """A value for a place."""

    #: The end of the check's name: "above maximum".
    words: str
    #: What is true of the value, after the name of the place: "above its maximum of 100".
    says: str
    #: The keyword of the schema that decides; empty where the whole schema does.
    keyword: str
    value: Json
    verdict: Verdict
    #: How little it finds; of many variations those with the lowest rank are kept.
    rank: int = 0


#: A kind of variation: what it makes of a place. A variation whose verdict the description does not
#: bear out is dropped afterwards.
Kind = Callable[[Place], Iterator[Variation]]
