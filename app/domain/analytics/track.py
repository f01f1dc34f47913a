"""The track of a check, an operation or a suite: what its runs were, one after the other.

A track is folded: `Track.after` takes one more run, and the same runs in the same order always make
the same track. That is what makes every figure rebuildable.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from app.domain.analytics import robust

#: Runs that a figure looks back on. More would hide what is going on now.
WINDOW: Final = 30


class Freshness(StrEnum):
    """How a run compares with the one before it."""

    NEW = "new"
    KNOWN = "known"
    FIXED = "fixed"
    STEADY = "steady"

    @property
    def is_red(self) -> bool:
        """Whether the run was red."""
        return self in {Freshness.NEW, Freshness.KNOWN}


@dataclass(frozen=True, slots=True)
class Mark:
    """What is kept of a run in the window."""

    at: dt.datetime
    #: Checks that passed, of those that were decided.
    passed: int
    decided: int
    duration_seconds: float
    #: Whether something was red and passed when it was run again.
    is_shaky: bool = False
    #: Whether the script was another one than in the run before.
    is_rewritten: bool = False
    #: Which API was asked: runs against different ones are not compared.
    place: str = ""

    @property
    def is_green(self) -> bool:
        """Whether everything that was decided passed."""
        return self.passed == self.decided


@dataclass(frozen=True, slots=True)
class Streak:
    """Since when something has been red."""

    run_id: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Good:
    """The last run that was green, and the script it was green with."""

    run_id: str
    at: dt.datetime
    script: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """What is known of all runs so far."""

    runs: int = 0
    #: Runs in which nothing was red.
    green: int = 0
    #: The newest runs, oldest first.
    window: tuple[Mark, ...] = ()
    #: Digest of the script that ran last.
    script: str = ""
    last_good: Good | None = None
    #: The first bad run of the present streak; None while green.
    streak: Streak | None = None

    def after(self, run_id: str, mark: Mark, script: str = "") -> Track:
        """The track with one more run; `script` is a digest of what was executed."""
        kept = replace(mark, is_rewritten=self.runs > 0 and script != self.script)
        return Track(
            runs=self.runs + 1,
            green=self.green + mark.is_green,
            window=(*self.window, kept)[-WINDOW:],
            script=script,
            last_good=Good(run_id, mark.at, script) if mark.is_green else self.last_good,
            streak=None if mark.is_green else self.streak or Streak(run_id, mark.at),
        )

    def freshness_of(self, mark: Mark) -> Freshness:
        """How one more run would compare with the last."""
        if mark.is_green:
            return Freshness.STEADY if self.streak is None else Freshness.FIXED
        return Freshness.NEW if self.streak is None else Freshness.KNOWN

    @property
    def good_place(self) -> str | None:
        """Which API was asked by the last green run; None where there is none in the window."""
        return next((mark.place for mark in reversed(self.window) if mark.is_green), None)

    @property
    def pass_rate(self) -> float | None:
        """The share of decided checks in the window that passed, 0 to 1."""
        decided = sum(mark.decided for mark in self.window)
        return sum(mark.passed for mark in self.window) / decided if decided else None

    def duration(self, share: float) -> float | None:
        """A percentile of how long the runs in the window took, in seconds."""
        return robust.percentile([mark.duration_seconds for mark in self.window], share)

    @property
    def flip_rate(self) -> float:
        """How often the outcome changed from one run of the window to the next, 0 to 1.

        As Kowalczyk et al., "Modeling and Ranking Flaky Tests at Apple" (ICSE-SEIP 2020), define
        it; a change that came with another script or another API is none.
        """
        return flips(self.window) / (len(self.window) - 1) if len(self.window) > 1 else 0.0


def flips(marks: Sequence[Mark]) -> int:
    """How often the outcome changed while the script and the API that was asked stayed the same."""
    pairs = itertools.pairwise(marks)
    return sum(
        one.is_green != next_.is_green and one.place == next_.place and not next_.is_rewritten
        for one, next_ in pairs
    )
