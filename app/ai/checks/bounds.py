"""Values at a bound of the description are accepted, values just beyond are refused.

Bounds are those of numbers, of the length of texts, of the number of items and properties, and the
step that `multipleOf` sets.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from app.ai import reading
from app.ai.places import parameters
from app.ai.places.place import Place
from app.ai.variations import Variation, Verdict
from testops.json_values import Json

#: Longer texts and lists are not sent.
_MAX_TEXT = 20_000
_MAX_ITEMS = 1_000
#: A longer text may be refused by what stands before an API, whatever is documented.
_MAX_ACCEPTED_TEXT = 2_000
_MAX_ACCEPTED_ITEMS = 100
#: A range as small is a scale (1 to 5, per cent, a page's size), and every value in it has to be
#: taken. The end of a wider one may be refused for what no schema says: there is less in stock.
_MAX_SCALE = 1_000
#: Up to here every number is read exactly, whatever language the API is written in (RFC 8259).
_EXACT = 2**53
#: Names of numbers that point at something which need not be there.
_POSITIONS = frozenset(
    {"page", "offset", "skip", "start", "cursor", "after", "before", "from", "day", "year"}
)
#: How names of texts end that hold whatever somebody writes. Any other text may have a form or a
#: meaning that no schema tells: a password, a code, a key.
_FREE = re.compile(
    r"(?:^|[_\W])(?:name|title|description|text|summary|notes?|comment|content|message|label|subject"
    r"|about|bio|reason|q|query|search|term)$"
    r"|(?<=[a-z])(?:Name|Title|Description|Text|Summary|Notes?|Comment|Message|Label|Subject|Term)$"
)
_OTHER_NAMES = re.compile(r"(?:user|host|domain|file|path|login)[_\W]?name$", re.IGNORECASE)


def variations(place: Place) -> Iterator[Variation]:
    """Beyond and at each bound of a place."""
    yield from _numbers(place)
    yield from _texts(place)
    yield from _items(place)
    if isinstance(place.value, Mapping) and place.schema.get("minProperties", 0) == 1:
        yield _refused("empty", "without any property", "minProperties", {})


def _refused(words: str, says: str, keyword: str, value: Json, rank: int = 0) -> Variation:
    return Variation(words, says, keyword, value, Verdict.REFUSED, rank)


def _numbers(place: Place) -> Iterator[Variation]:
    if not place.kinds or not place.kinds <= {"integer", "number"}:
        return
    for side, sign, word in (("minimum", -1, "below"), ("maximum", 1, "above")):
        exclusive = f"exclusive{side.capitalize()}"
        bound = place.schema.get(side)
        step = place.schema.get("multipleOf", 1)
        if isinstance(bound, int | float):
            yield _refused(
                f"{word} {side}",
                f"{word} its {side} of {bound}",
                side,
                _whole_number(bound + sign * step),
            )
            yield _at(place, side, bound)
        if isinstance(limit := place.schema.get(exclusive), int | float):
            says = f"of {limit}, which it has to be {'above' if sign < 0 else 'below'},"
            yield _refused(f"at exclusive {side}", says, exclusive, _whole_number(limit))
    yield from _steps(place)


def _at(place: Place, side: str, bound: float) -> Variation:
    verdict = Verdict.ACCEPTED if _is_scale(place) else Verdict.ANSWERED
    says = f"at its {side} of {bound}"
    return Variation(f"at {side}", says, side, _whole_number(bound), verdict, rank=1)


def _is_scale(place: Place) -> bool:
    low, high = place.schema.get("minimum"), place.schema.get("maximum")
    if low is None or high is None or reading.is_id(place.name):
        return False
    return high - low <= _MAX_SCALE and place.name.lower() not in _POSITIONS


def _steps(place: Place) -> Iterator[Variation]:
    step = place.schema.get("multipleOf")
    if step is None or step == 1 or not isinstance(place.value, int | float):
        return
    off = 1 if "integer" in place.kinds else step / 2
    yield _refused(
        "off step", f"that is no multiple of {step}", "multipleOf", place.value + off, rank=1
    )


def _whole_number(number: float) -> int | float:
    """An integral number without a fraction, as far as that is exact."""
    is_exact = math.isfinite(number) and abs(number) <= _EXACT
    return int(number) if is_exact and number == int(number) else number


def _texts(place: Place) -> Iterator[Variation]:
    if place.kinds != {"string"} or "enum" in place.schema:
        return
    shortest, longest = place.schema.get("minLength", 0), place.schema.get("maxLength")
    if 0 < shortest <= _MAX_TEXT and (shortest > 1 or not place.is_text):
        says = f"shorter than {shortest} characters" if shortest > 1 else "that is empty"
        for text in _of_length(place, shortest - 1):
            yield _refused("too short", says, "minLength", text)
        yield _of_accepted_length(place, "shortest", shortest, "minLength")
    if longest is not None and longest < _MAX_TEXT:
        for text in _of_length(place, longest + 1):
            yield _refused("too long", f"longer than {longest} characters", "maxLength", text)
        yield _of_accepted_length(place, "longest", longest, "maxLength")


def _of_length(place: Place, length: int) -> Iterator[str]:
    """Texts of a length, the plainest first; the caller keeps the first that fits."""
    yield "x" * length
    if isinstance(place.value, str) and place.value and length < parameters.MAX_TEXT:
        text = place.value
        yield text[:length].ljust(length, text[-1])
        yield (text * (length // len(text) + 1))[:length]


def _of_accepted_length(place: Place, words: str, length: int, keyword: str) -> Variation:
    says = f"of {length} characters, the {words} there may be,"
    verdict = Verdict.ACCEPTED if _is_free(place, length) else Verdict.ANSWERED
    return Variation(f"{words} text", says, keyword, "x" * length, verdict, rank=1)


def _is_free(place: Place, length: int) -> bool:
    """Whether any text will do."""
    has_form = {"pattern", "format"} & place.schema.keys()
    is_free = _FREE.search(place.name) and not _OTHER_NAMES.search(place.name)
    limit = parameters.MAX_TEXT // 4 if place.is_text else _MAX_ACCEPTED_TEXT
    return bool(is_free) and not has_form and 0 < length <= limit


def _items(place: Place) -> Iterator[Variation]:
    if not isinstance(place.value, list) or not place.value:
        return
    fewest, most = place.schema.get("minItems", 0), place.schema.get("maxItems")
    item = place.value[0]
    if 0 < fewest <= len(place.value) and (fewest > 1 or not place.is_text):
        says = f"of fewer than {fewest} items" if fewest > 1 else "without an item"
        yield _refused("too few items", says, "minItems", place.value[: fewest - 1])
    if place.schema.get("uniqueItems"):
        yield _refused(
            "repeated item", "with an item that is there twice", "uniqueItems", [item, item], rank=1
        )
    elif most is not None and most < _MAX_ITEMS:
        says = f"of more than {most} items"
        yield _refused("too many items", says, "maxItems", [item] * (most + 1))
        if 0 < most <= _MAX_ACCEPTED_ITEMS:
            says = f"of {most} items, the most there may be,"
            # Of the same object there may be one only, whatever the list says.
            is_plain = isinstance(item, int | float | str) and not reading.is_id(place.name)
            verdict = Verdict.ACCEPTED if is_plain else Verdict.ANSWERED
            yield Variation("most items", says, "maxItems", [item] * most, verdict, rank=2)
