"""What is far from usual: runs that took long, and runs in which much was red.

A value is an anomaly where its modified z-score against the runs before it is beyond 3.5 (see
`robust`), there are enough of those, and the difference is one that somebody would mind: scatter of
some milliseconds around a very steady figure is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.analytics import robust
from app.domain.analytics.track import Mark

#: Iglewicz and Hoaglin's threshold.
THRESHOLD: Final = 3.5
#: Runs before it that a value is compared with, at least. Fewer do not show what is usual.
MIN_SAMPLE: Final = 10
#: A duration that people mind is by a half longer than usual, and by a tenth of a second.
MIN_GROWTH: Final = 1.5
MIN_SECONDS: Final = 0.1
#: A pass rate that people mind is by five points lower than usual.
MIN_DROP: Final = 0.05


class Measure(StrEnum):
    """What is compared."""

    DURATION = "duration"
    PASS_RATE = "pass_rate"  # noqa: S105 - a figure, no password


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A value that is far from what it was before."""

    measure: Measure
    #: Seconds, or a share from 0 to 1.
    value: float
    usual: robust.Usual

    @property
    def text(self) -> str:
        """The finding in words."""
        if self.measure is Measure.DURATION:
            return (
                f"It took {self.value:.2f} s; in the {self.usual.sample} green runs before it, it "
                f"took {self.usual.median:.2f} s (median)."
            )
        return (
            f"{self.value:.0%} of the checks passed; in the {self.usual.sample} runs before it, "
            f"{self.usual.median:.0%} did (median)."
        )


def in_run(before: Sequence[Mark], now: Mark) -> Iterator[Anomaly]:
    """What is unusual about a run, given the runs before it that asked the same API."""
    alike = [mark for mark in before if mark.place == now.place]
    yield from _slow(alike, now)
    yield from _low(alike, now)


def _slow(before: Sequence[Mark], now: Mark) -> Iterator[Anomaly]:
    """A red run may end early or wait in vain, so only green ones are compared."""
    values = [mark.duration_seconds for mark in before if mark.is_green]
    if not now.is_green or len(values) < MIN_SAMPLE:
        return
    usual = robust.usual(values)
    minded = max(usual.median * MIN_GROWTH, usual.median + MIN_SECONDS)
    value = now.duration_seconds
    if value >= minded and robust.modified_z_score(value, values) > THRESHOLD:
        yield Anomaly(Measure.DURATION, value, usual)


def _low(before: Sequence[Mark], now: Mark) -> Iterator[Anomaly]:
    """Of one check alone there is no rate: that it is red says all."""
    values = [mark.passed / mark.decided for mark in before if mark.decided > 1]
    if now.decided <= 1 or len(values) < MIN_SAMPLE:
        return
    usual = robust.usual(values)
    value = now.passed / now.decided
    # Rates are quotients: a drop by the limit exactly may come out a hair below it.
    is_minded = usual.median - value >= MIN_DROP - 1e-9
    if is_minded and robust.modified_z_score(value, values) < -THRESHOLD:
        yield Anomaly(Measure.PASS_RATE, value, usual)
