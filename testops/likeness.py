"""Whether a value that comes back is the one that was sent.

Exactly that one, but for what its form lets be written differently: an instant in another zone
(RFC 3339), the case of a UUID (RFC 9562) or of an address (RFC 5321, section 2.4), a URL's empty
path (RFC 3986, section 6.2.3), digits of a number beyond single precision (IEEE 754). An object may
have more properties, a list another order.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping

from testops.json_values import Json

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)")
_ANY_CASE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^@\s]+@[^@\s]+", re.IGNORECASE)
_SINGLE_PRECISION = 2**-22
_BARE_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s]+", re.IGNORECASE)


def differences(sent: Json, found: Json, at: str = "", *, timeless: bool = False) -> Iterator[str]:
    """What did not come back as it was sent, a line each; what was sent as null may be missing.

    `timeless` lets one instant be any other.
    """
    if isinstance(sent, Mapping) and isinstance(found, Mapping):
        for name, value in sent.items():
            if name in found:
                yield from differences(value, found[name], f"{at}/{name}", timeless=timeless)
            elif value is not None:
                yield f"at {at}/{name}: expected {value!r}, but it is not there"
    elif not is_same(sent, found) and not (timeless and _are_instants(sent, found)):
        yield f"at {at or 'the top'}: expected {sent!r}, got {found!r}"


def is_same(sent: Json, found: Json) -> bool:
    """Whether one value is the other."""
    if isinstance(sent, Mapping):
        return isinstance(found, Mapping) and not any(differences(sent, found))
    if isinstance(sent, list):
        return isinstance(found, list) and _are_same_items(sent, found)
    if isinstance(sent, bool) or isinstance(found, bool):
        return sent is found
    if isinstance(sent, str) and isinstance(found, str):
        return sent == found or _is_same_text(sent, found)
    if isinstance(sent, float) or isinstance(found, float):
        return _are_same_numbers(sent, found)
    return bool(sent == found)


def _are_same_numbers(sent: Json, found: Json) -> bool:
    are_numbers = all(isinstance(each, int | float) for each in (sent, found))
    return are_numbers and math.isclose(sent, found, rel_tol=_SINGLE_PRECISION)


def _are_same_items(sent: list[Json], found: list[Json]) -> bool:
    """Each item once, in any order."""
    left = list(found)
    for item in sent:
        place = next((n for n, each in enumerate(left) if is_same(item, each)), None)
        if place is None:
            return False
        del left[place]
    return not left


def _is_same_text(sent: str, found: str) -> bool:
    if _ANY_CASE.fullmatch(sent):
        return sent.lower() == found.lower()
    if _BARE_URL.fullmatch(sent):
        return found.lower() in {sent.lower(), f"{sent.lower()}/"}
    if _INSTANT.fullmatch(sent) and _INSTANT.fullmatch(found):
        return _instant(sent) == _instant(found)
    return False


def _are_instants(one: Json, other: Json) -> bool:
    return all(isinstance(each, str) and bool(_INSTANT.fullmatch(each)) for each in (one, other))


def _instant(text: str) -> dt.datetime | str:
    """The instant that a text names, or the text where there is no such day or hour."""
    plain = text.upper().replace(" ", "T")
    try:
        return dt.datetime.fromisoformat(plain)
    except ValueError:
        return plain
