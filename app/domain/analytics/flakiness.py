"""Which checks are flaky, and for how long their failures do not count.

A check that gives now this and now that, with the same script, proves nothing when it is red. It
goes into quarantine: it still runs and is shown, but no run fails because of it. Quarantine ends by
itself after some days, or when somebody lifts it; then only what happens from there on is held
against the check.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.domain.analytics import track
from app.domain.analytics.track import Mark

#: Newest runs that are looked at.
RECENT: Final = 20
#: Fewer changes may be a failure and its repair, and another one.
MIN_FLIPS: Final = 3
#: Changes for each two runs that follow each other: once in four times.
MIN_FLIP_RATE: Final = 0.25
#: Passing when it is run again, a check contradicts itself within one run: twice is no accident.
MIN_SHAKY: Final = 2


@dataclass(frozen=True, slots=True)
class Quarantine:
    """From when until when a check's failures do not count, and why."""

    since: dt.datetime
    until: dt.datetime
    reason: str

    def holds(self, at: dt.datetime) -> bool:
        """Whether it is in force at a moment."""
        return self.since <= at < self.until

    def cut(self, lifts: Iterable[dt.datetime]) -> Quarantine:
        """The same, ended by the first lift that fell into it."""
        within = [lift for lift in lifts if self.holds(lift)]
        return replace(self, until=min(within)) if within else self


def why_flaky(marks: Sequence[Mark]) -> str:
    """Why a check with these runs is flaky, in words; empty where it is not."""
    recent = marks[-RECENT:]
    shaky = sum(mark.is_shaky for mark in recent)
    if shaky >= MIN_SHAKY:
        return (
            f"It was red and passed when it was run again in {shaky} of its last {len(recent)} "
            "runs."
        )
    changes = track.flips(recent)
    if changes >= MIN_FLIPS and changes >= MIN_FLIP_RATE * (len(recent) - 1):
        return (
            f"Its outcome changed {changes} times in its last {len(recent)} runs while its script "
            "stayed the same."
        )
    return ""


def quarantine(
    previous: Quarantine | None,
    marks: Sequence[Mark],
    *,
    at: dt.datetime,
    days: float,
    lifts: Iterable[dt.datetime] = (),
) -> Quarantine | None:
    """The quarantine of a check after a run that ended at `at`: the one there is, or a new one.

    `marks` are its runs with this one. Runs before the end of an earlier quarantine are no
    evidence. With 0 `days` there is none.
    """
    if previous is not None and previous.holds(at):
        return previous
    reason = why_flaky(fresh(previous, marks)) if days else ""
    if not reason:
        return previous
    return Quarantine(at, at + dt.timedelta(days=days), reason).cut(lifts)


def fresh(previous: Quarantine | None, marks: Sequence[Mark]) -> Sequence[Mark]:
    """The runs that may be held against a check: those since its last quarantine ended."""
    return marks if previous is None else [mark for mark in marks if mark.at >= previous.until]
