"""Reads from prose which states may follow each other: "Allowed: todo to done, done to todo".

Only where the words list pairs of the documented values and say that all others are refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

#: Words by which a text says that its list is complete.
_ONLY = re.compile(
    r"\b(?:anything|everything|any|all|every)\s*(?:other|else)\b"
    r"|\bothers?\b[^.]{0,40}\b(?:409|conflict|refused|rejected|not allowed|forbidden|invalid)\b"
    r"|\bonly\b[^.]{0,40}\b(?:allowed|possible|valid|permitted)\b",
    re.IGNORECASE,
)
_SAME = re.compile(r"\bsame\b", re.IGNORECASE)
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Machine:
    """Which states may follow each other, beginning with one."""

    first: str
    allowed: tuple[tuple[str, str], ...]
    #: Pairs that the words exclude, as far as the first state of each can be reached.
    refused: tuple[tuple[str, str], ...]

    def way(self, state: str) -> tuple[str, ...] | None:
        """The states to go through, the given one last; None where no way leads there."""
        ways: dict[str, tuple[str, ...]] = {self.first: ()}
        waiting = [self.first]
        while waiting:
            here = waiting.pop(0)
            for before, after in self.allowed:
                if before == here and after not in ways:
                    ways[after] = (*ways[here], after)
                    waiting.append(after)
        return ways.get(state)


def machine(text: str, states: Sequence[str], first: str) -> Machine | None:
    """The machine that a text describes; None where it leaves anything open."""
    allowed = tuple(dict.fromkeys(_pairs(text, states)))
    if len(allowed) < _FEWEST or not _ONLY.search(text):
        return None
    same_too = _SAME.search(text) is not None
    refused = tuple(
        (one, other)
        for one in states
        for other in states
        if (one, other) not in allowed and (one != other or same_too)
    )
    return Machine(first, allowed, refused)


def only_one(text: str, states: Collection[str]) -> str:
    """The one state that a text speaks of; empty where there is none, or more."""
    found = [state for state in states if re.search(rf"(?<!\w){re.escape(state)}(?!\w)", text)]
    return found[0] if len(found) == 1 else ""


def _pairs(text: str, states: Sequence[str]) -> Iterator[tuple[str, str]]:
    names = "|".join(sorted(map(re.escape, states), key=len, reverse=True))
    pattern = rf"(?<!\w)({names})[\"'`]?\s*(?:to|->|→|=>)\s*[\"'`]?({names})(?!\w)"
    yield from ((found[1], found[2]) for found in re.finditer(pattern, text))
