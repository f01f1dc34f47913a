"""Texts that a script makes anew each time it runs, so that no two of its requests are the same.

These are UUIDs (RFC 9562), dates and times (RFC 3339), and runs of eight or more hexadecimal
digits: tags, boundaries of multipart bodies, Unix times. A replayed request may have others of
them than the recorded one, each in the place of one that was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_MADE = re.compile(
    r"(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(?P<time>\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:\d\d)?)?)"
    r"|(?P<tag>[0-9a-f]{8,})",
    re.IGNORECASE,
)

#: What was recorded → what stands for it in the run at hand.
Bindings = Mapping[str, str]


def bound(
    recorded: str, asked: str, known: Bindings, may_differ: Callable[[str, str], bool]
) -> Bindings | None:
    """The bindings with which the recorded text is the one asked; None where there are none.

    `may_differ` says of a recorded text and another one whether that can stand for it. Bindings
    that are known already are kept, and no text stands for two.
    """
    mine, theirs = list(_MADE.finditer(recorded)), list(_MADE.finditer(asked))
    if [part.lastgroup for part in mine] != [part.lastgroup for part in theirs]:
        return None
    if _MADE.sub("\0", recorded) != _MADE.sub("\0", asked):
        return None
    found = dict(known)
    for one, other in zip(mine, theirs, strict=True):
        if not _bind(found, one[0], other[0], may_differ):
            return None
    return found


def told(text: str, known: Bindings) -> str:
    """A recorded text as it is in the run at hand."""
    return _MADE.sub(lambda part: known.get(part[0], part[0]), text) if known else text


def _bind(
    found: dict[str, str], one: str, other: str, may_differ: Callable[[str, str], bool]
) -> bool:
    if one in found:
        return found[one] == other
    if one == other:
        return True
    if other in found.values() or not may_differ(one, other):
        return False
    found[one] = other
    return True
