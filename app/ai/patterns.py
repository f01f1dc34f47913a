"""Texts that match a regular expression, within bounds of time and length.

A description's patterns follow ECMA 262; what Python spells differently is translated, what it
cannot read has no text here. Whether a text really fits is asked of the schema validator.
"""

from __future__ import annotations

import random
import re
import warnings
from math import prod

from rstr.xeger import Xeger

from testops.json_values import Json

#: A longer pattern is not worth its time.
_MAX_PATTERN_LENGTH = 1_000
#: The product of the repetitions a pattern spells out; bounds the text's length.
_MAX_REPETITIONS = 5_000
#: How many more repetitions than needed are made of "+" and "*".
_SPARE = 4
_COUNT = re.compile(r"\{(\d{1,9})(?:,(\d{0,9}))?\}")
_ECMA = (
    (re.compile(r"\(\?<(?=[A-Za-z_])"), "(?P<"),
    (re.compile(r"\\[pP]\{[^}]*\}"), "[a-z]"),
    (re.compile(r"\\[zZ]"), "$"),
    (re.compile(r"\\A"), "^"),
)


def text_for(pattern: str, chance: random.Random) -> str | None:
    """A short text that the pattern probably matches; None where none can be made."""
    if len(pattern) > _MAX_PATTERN_LENGTH or _repetitions(pattern) > _MAX_REPETITIONS:
        return None
    for spelling, replacement in _ECMA:
        pattern = spelling.sub(replacement, pattern)
    try:
        with warnings.catch_warnings():
            # What Python may read otherwise one day: "[[a]".
            warnings.simplefilter("ignore", FutureWarning)
            return str(_Texts(_Sparing(chance)).xeger(pattern))
    except (re.error, LookupError, TypeError, ValueError, OverflowError, RecursionError):
        # What rstr and the parser raise for what they do not know.
        return None


def _repetitions(pattern: str) -> int:
    return prod(max(int(low), 1) for low, _ in _COUNT.findall(pattern))


class _Sparing(random.Random):
    """Chance that keeps repetitions near the fewest that are allowed."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance.random())

    def randint(self, a: int, b: int) -> int:
        """A number from `a` to little above it."""
        return super().randint(a, max(a, min(b, a + _SPARE)))


class _Texts(Xeger):
    """Xeger with classes in a fixed order, so that one seed gives one text in every process."""

    def _handle_in(self, value: Json) -> str:
        members = [self._handle_state(part) for part in value]
        if members[0] == [False]:
            excluded = {char for member in members[1:] for char in member}
            return self._one_of(self._alphabets["normal"] + self._alphabets["printable"], excluded)
        characters = "".join("".join(member) for member in members)
        return self._one_of(characters, set())

    def _one_of(self, characters: str, excluded: set[str]) -> str:
        """A letter or digit where there is one among the characters."""
        allowed = [char for char in characters if char not in excluded]
        plain = [char for char in allowed if char.isascii() and char.isalnum()]
        return str(self._random.choice(plain or allowed))
