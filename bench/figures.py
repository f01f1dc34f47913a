"""Figures of several contestants in several rounds, compared round by round, and their tables.

A machine's speed changes while it measures. Rounds are interleaved, so that a ratio within one
round compares like with like; what counts is the median of those ratios.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

#: Shown where a contestant has no figure.
NOTHING: Final = "-"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of the values (0 to 1) do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * share), 1) - 1]


@dataclass(slots=True)
class Measure:
    """One kind of figure."""

    title: str
    unit: str
    #: By contestant, one figure a round.
    figures: dict[str, list[float]] = field(default_factory=dict)
    digits: int = 0

    def add(self, contestant: str, figure: float) -> None:
        """Note a contestant's figure in the next of its rounds."""
        self.figures.setdefault(contestant, []).append(figure)

    def median(self, contestant: str) -> float | None:
        """The figure in the middle of a contestant's rounds."""
        rounds = self.figures.get(contestant)
        return statistics.median(rounds) if rounds else None

    def ratio(self, ours: str, theirs: str) -> float | None:
        """How much larger ours is, in the median of the rounds that both were in."""
        pairs = zip(self.figures.get(ours, ()), self.figures.get(theirs, ()), strict=False)
        ratios = [mine / other for mine, other in pairs if other]
        return statistics.median(ratios) if ratios else None

    def table(self, ours: Sequence[str]) -> str:
        """The contestants, a line each, with the ratio of each of ours to it."""
        head = [self.title, self.unit, "of all rounds", *(f"{name} ÷ it" for name in ours)]
        return aligned([head, *(self._line(name, ours) for name in self.figures)])

    def _line(self, name: str, ours: Sequence[str]) -> list[str]:
        rounds = self.figures[name]
        spread = f"{min(rounds):,.{self.digits}f} … {max(rounds):,.{self.digits}f}"
        ratios = [_text(None if it == name else self.ratio(it, name), 2) for it in ours]
        return [name, _text(self.median(name), self.digits), spread, *ratios]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio, or a figure itself where it is against nobody, should be."""

    measure: str
    ours: str
    theirs: str | None
    at_least: float | None = None
    at_most: float | None = None

    def verdict(self, measures: Mapping[str, Measure]) -> str:
        """One line that says whether it is reached."""
        found = self._found(measures.get(self.measure))
        wish = f"≥ {self.at_least}" if self.at_least is not None else f"≤ {self.at_most}"
        what = f"{self.measure}: {self.ours}" + (f" ÷ {self.theirs}" if self.theirs else "")
        if found is None:
            return f"not measured  {what} {wish}"
        reached = (self.at_least is None or found >= self.at_least) and (
            self.at_most is None or found <= self.at_most
        )
        return f"{'reached' if reached else 'MISSED '}       {what} {wish}: {found:.2f}"

    def _found(self, measure: Measure | None) -> float | None:
        if measure is None:
            return None
        if self.theirs is None:
            return measure.median(self.ours)
        return measure.ratio(self.ours, self.theirs)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be, the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            text.ljust(width) if place == 0 else text.rjust(width)
            for place, (text, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _text(figure: float | None, digits: int) -> str:
    return NOTHING if figure is None else f"{figure:,.{digits}f}"
