"""Statistics that a few wild values do not move.

Median and median absolute deviation have a breakdown point of one half (Rousseeuw and Croux,
"Alternatives to the median absolute deviation", JASA 88, 1993): up to half of the values may be
wrong before the figure says nothing. Durations of requests are of that kind.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

#: Makes the median absolute deviation an estimate of a normal distribution's standard deviation.
_MAD_SCALE: Final = 0.6745
#: The same for the mean absolute deviation: sqrt(2 / pi).
_MEAN_SCALE: Final = 0.7979


@dataclass(frozen=True, slots=True)
class Usual:
    """What values usually are."""

    median: float
    #: Median absolute deviation from the median.
    spread: float
    #: How many values were looked at.
    sample: int


def usual(values: Sequence[float]) -> Usual:
    """Median and median absolute deviation of at least one value."""
    median = statistics.median(values)
    return Usual(median, statistics.median(abs(value - median) for value in values), len(values))


def modified_z_score(value: float, values: Sequence[float]) -> float:
    """How far a value is from others, in units of their spread: beyond 3.5 it is an outlier.

    Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (ASQC 1993), section 3.3. Where more
    than half of the values are equal, the mean absolute deviation takes the median's place; where
    all are, any other value is infinitely far.
    """
    middle = usual(values)
    distance = value - middle.median
    if middle.spread:
        return _MAD_SCALE * distance / middle.spread
    mean = statistics.fmean(abs(each - middle.median) for each in values)
    if mean:
        return _MEAN_SCALE * distance / mean
    return math.copysign(math.inf, distance) if distance else 0.0


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which `share` (0 to 1) of the values lie; None where there are none.

    Linear interpolation between neighbours: definition 7 of Hyndman and Fan, "Sample quantiles in
    statistical packages" (The American Statistician 50, 1996).
    """
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
