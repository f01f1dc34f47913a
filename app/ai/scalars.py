"""Numbers and texts within the bounds of a schema whose references are merged in."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

from app.ai import formats, patterns
from app.ai.errors import NoValueError
from testops.json_values import Json

#: Longer texts are not made.
_MAX_TEXT = 2_000
#: How often a text of the right length is tried for a pattern.
_PATTERN_TRIES = 12


def integer(schema: Mapping[str, Json], turn: int) -> int:
    """An integer within bounds, small where possible; the next one each turn."""
    low, high = _bounds(schema, step=1)
    start = math.ceil(low) if low is not None else min(1, math.floor(1 if high is None else high))
    if start < 1 and (high is None or high >= 1):
        start = 1
    step = schema.get("multipleOf", 1)
    if isinstance(step, int) and step > 1:
        return (-(-start // step) + turn) * step
    return start + turn


def number(schema: Mapping[str, Json], turn: int) -> float:
    """A number within bounds, small where possible; the next one each turn."""
    low, high = _bounds(schema, step=0)
    start = low if low is not None else min(1.5, high if high is not None else 1.5)
    if start < 1.5 and (high is None or high > 1.5):  # noqa: PLR2004 - a small, plain number
        start = 1.5
    elif low is not None and high is not None:
        start = low + (high - low) / 2
    step = schema.get("multipleOf")
    if not step:
        return start + turn
    quotient = start / step
    return (math.ceil(quotient) + turn) * step if math.isfinite(quotient) else start


def text(schema: Mapping[str, Json], name: str, chance: random.Random) -> str:
    """A text within bounds; raises NoValueError where the bounds are out of reach."""
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    if shortest > _MAX_TEXT:
        raise NoValueError(f"its schema asks for a text of {shortest} characters")
    if "pattern" in schema:
        return _matching(schema["pattern"], shortest, longest, chance)
    known = formats.by_format(schema["format"], chance, name) if "format" in schema else None
    if known is None:
        known = formats.by_name(name)
    if known is not None and shortest <= len(known) <= (len(known) if longest is None else longest):
        return known
    return formats.words(chance, max(shortest, 1), longest)


def _matching(pattern: str, shortest: int, longest: int | None, chance: random.Random) -> str:
    """A text for the pattern, of a length within the bounds where one turns up."""
    for _ in range(_PATTERN_TRIES):
        made = patterns.text_for(pattern, chance)
        if made is None:
            break
        if shortest <= len(made) <= (len(made) if longest is None else longest):
            return made
    raise NoValueError("no text was found that matches its pattern")


def _bounds(schema: Mapping[str, Json], step: float) -> tuple[float | None, float | None]:
    """Lowest and highest number; an exclusive bound is moved by `step`, or a little."""
    lows = [schema["minimum"]] if "minimum" in schema else []
    highs = [schema["maximum"]] if "maximum" in schema else []
    for bounds, key, direction in ((lows, "exclusiveMinimum", 1), (highs, "exclusiveMaximum", -1)):
        if key in schema:
            bound = schema[key]
            bounds.append(bound + direction * (step or max(abs(bound) * 1e-6, 1e-6)))
    return max(lows, default=None), min(highs, default=None)
