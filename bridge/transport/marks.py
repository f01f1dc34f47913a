"""What a commit says of the one who made it, beside what is finished: a pure codec.

A word of the commit's metadata, apart from others by a space: `own1:` as long as the partition has
an owner, which stays there when that one dies; `left1:` when the owner has left it in order. Then
which unfinished messages have been started how often since an owner died: `<offset>=<starts>`,
separated by commas. See `watch` for what it is good for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

#: Those at the lowest offsets; more are never under suspicion at once.
MOST_STARTS: Final = 64

_WORD: Final = re.compile(r"(own1|left1):((?:\d{1,19}=\d{1,9},?)*)")
_OWNED: Final = "own1"
_LEFT: Final = "left1"


@dataclass(frozen=True, slots=True)
class Marks:
    """Whether a partition has an owner, and what was started there."""

    is_owned: bool = False
    #: Starts by offset.
    starts: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))


def encode(marks: Marks) -> str:
    """The word; empty where there is nothing to say."""
    if not marks.is_owned and not marks.starts:
        return ""
    kept = sorted(marks.starts.items())[:MOST_STARTS]
    starts = ",".join(f"{offset}={count}" for offset, count in kept)
    return f"{_OWNED if marks.is_owned else _LEFT}:{starts}"


def decode(metadata: str) -> Marks:
    """The marks in a commit's metadata; none in that of other programs and earlier versions."""
    for word in metadata.split(" "):
        found = _WORD.fullmatch(word)
        if found is not None:
            pairs = (pair.split("=") for pair in found[2].split(",") if pair)
            return Marks(found[1] == _OWNED, {int(offset): int(count) for offset, count in pairs})
    return Marks()
