"""A value of another type than documented is refused.

Sent is what no server takes for the right type by being generous: a text that spells no number, an
object in the place of a text. In an address everything is text, so only numbers and booleans can be
wrong there. Null in a PATCH asks to remove (RFC 7396), so it is no wrong value there.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.ai.places.place import Place
from app.ai.variations import Variation, Verdict
from testops.json_values import Json

#: Type → a value of another one. Of several types the first in this order decides.
_WRONG: dict[str, Json] = {
    "object": "not-an-object",
    "array": "not-a-list",
    "string": {"not": "a text"},
    "number": "not-a-number",
    "integer": "not-a-number",
    "boolean": "not-a-boolean",
}
_ARTICLES = {"object": "an object", "array": "a list", "string": "a text", "integer": "an integer"}
_OF_TEXT = frozenset({"number", "integer", "boolean"})


def variations(place: Place) -> Iterator[Variation]:
    """Another type, null, and a fraction for an integer."""
    kind = next((each for each in _WRONG if each in place.kinds), None)
    if kind is None or (place.is_text and kind not in _OF_TEXT):
        return
    named = _ARTICLES.get(kind, f"a {kind}")
    # An id in a path that cannot be one, or a body that is no object, is met by what reads it.
    rank = 0 if place.location == "path" or not place.name else 1
    says = f"that is not {named}"
    yield Variation("wrong type", says, "type", _WRONG[kind], Verdict.REFUSED, rank)
    if place.location == "body" and place.required and place.sent(None).method != "PATCH":
        yield Variation("null", "that is null", "type", None, Verdict.REFUSED, rank=2)
    if place.kinds == {"integer"} and place.location != "path":
        yield Variation("fraction", "with a fraction", "type", 1.5, Verdict.REFUSED, rank=3)
