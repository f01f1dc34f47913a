"""A property that the description does not know is refused where it says that there are no others.

It says so with `additionalProperties: false` or `unevaluatedProperties: false`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.ai.places.place import Place
from app.ai.variations import Variation, Verdict

_NAME = "unknown_property"


def variations(place: Place) -> Iterator[Variation]:
    """An object with a property more."""
    if place.location == "body" and isinstance(place.value, Mapping) and place.value:
        value = {**place.value, _NAME: "x"}
        says = "with a property that is not documented"
        yield Variation(_NAME, says, "additionalProperties", value, Verdict.REFUSED)
