"""Texts out of form are refused; texts nobody thought of get no server error.

A form is a `pattern`, or one of the formats that servers parse: a `format` alone does not have to
be checked (JSON Schema 2020-12, section 7.2.1), but a date that is none cannot be kept as one.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.ai.places.place import Place
from app.ai.variations import Variation, Verdict

#: Format → a text out of form, as near to it as a plain search for its shape would let pass.
_MALFORMED = {
    "date": "2024-13-45",
    "date-time": "2024-13-45T10:30:00Z",
    "time": "25:61:00Z",
    "email": "not-an-email",
    "uuid": "not-a-uuid",
    "ipv4": "999.0.2.10",
    "ipv6": "not-an-address",
}
#: Latin with marks, a right-to-left letter, Chinese, and a sign outside the first 65,536.
_MANY_SCRIPTS = "Zoë Ñandú ש 東京 🙂"
_LONG = 10_000
_LONG_IN_ADDRESS = 1_500
#: One more than 64 bits with a sign can hold.
_LARGE = 2**63


def variations(place: Place) -> Iterator[Variation]:
    """What is out of form, and what is unusual."""
    if place.kinds == {"string"}:
        yield from _out_of_form(place)
        yield from _unusual(place)
    elif "integer" in place.kinds and "maximum" not in place.schema:
        says = "that is too large for 64 bits"
        yield Variation("large number", says, "", _LARGE, Verdict.ANSWERED, rank=3)


def _out_of_form(place: Place) -> Iterator[Variation]:
    form = place.schema.get("format", "")
    if form in _MALFORMED:
        says = f"that is no {form}"
        yield Variation("malformed", says, "format", _MALFORMED[form], Verdict.REFUSED)
    if "pattern" in place.schema and isinstance(place.value, str):
        for text in _near(place.value):
            says = "that does not match its pattern"
            yield Variation("off pattern", says, "pattern", text, Verdict.REFUSED)


def _near(text: str) -> Iterator[str]:
    """Texts that a pattern may not match, some as long as one that it does; none is empty."""
    yield f"{text[:-1]}!"
    yield f"!{text[1:]}"
    yield "!" * max(len(text), 1)
    yield f"{text}!"
    yield text.swapcase()
    yield " " * max(len(text), 1)


def _unusual(place: Place) -> Iterator[Variation]:
    if {"enum", "pattern", "format"} & place.schema.keys():
        return
    longest = place.schema.get("maxLength", len(_MANY_SCRIPTS))
    says = "in letters of many scripts"
    text = _MANY_SCRIPTS[-longest:] if longest else ""
    yield Variation("many scripts", says, "", text, Verdict.ANSWERED, rank=2)
    if "maxLength" not in place.schema:
        length = _LONG_IN_ADDRESS if place.is_text else _LONG
        says = f"of {length} characters"
        yield Variation("very long", says, "", "x" * length, Verdict.ANSWERED, rank=3)
