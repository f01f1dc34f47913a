"""A value that an `enum` does not list is refused, and each that it lists is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.ai import quoting
from app.ai.places.place import Place
from app.ai.variations import Variation, Verdict
from testops.json_values import Json

_UNLISTED = "no-such-choice"
#: Of a long list the first are sent.
_MAX_LISTED = 4


def variations(place: Place) -> Iterator[Variation]:
    """Something unlisted, and what is listed beside the value that is sent anyway."""
    listed = place.schema.get("enum")
    if not listed:
        return
    says = "that is none of the documented values"
    yield Variation("unknown", says, "enum", _unlisted(listed), Verdict.REFUSED)
    others = [each for each in listed if each != place.value and isinstance(each, str) and each]
    # Which value a resource may take can depend on its state; a query only asks.
    verdict = Verdict.ACCEPTED if place.location == "query" else Verdict.ANSWERED
    for each in others[:_MAX_LISTED]:
        shown = quoting.prose(each, 40)
        yield Variation(f"is {shown}", f"of {shown}", "enum", each, verdict, rank=2)


def _unlisted(listed: Sequence[Json]) -> Json:
    numbers = [each for each in listed if isinstance(each, int) and not isinstance(each, bool)]
    return max(numbers) + 1 if len(numbers) == len(listed) else _UNLISTED
