"""How outcomes are drawn and arranged on a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from app.models.result import Result
from app.models.run import Run
from app.views.ui import words

OUTCOMES = ("passed", "failed", "errored", "skipped")


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a bar that one outcome takes, in hundredths of its length."""

    outcome: str
    start: float
    width: float


def segments(run: Run) -> Sequence[Segment]:
    """The bar of a run: how its checks are spread over the outcomes; empty without checks."""
    counts = {name: getattr(run, name) for name in OUTCOMES}
    total = sum(counts.values())
    found: list[Segment] = []
    start = 0.0
    for name, count in counts.items():
        if count:
            width = round(100 * count / total, 3)
            found.append(Segment(name, round(start, 3), width))
            start += width
    return found


def pass_rate(run: Run) -> str:
    """The share of decided checks that passed; never rounded up to 100 %."""
    decided = run.passed + run.failed + run.errored
    return f"{100 * run.passed // decided} %" if decided else "-"


def took(run: Run, now: dt.datetime) -> str:
    """How long a run took, or has taken so far."""
    if run.started_at is None:
        return "-"
    return words.duration(((run.finished_at or now) - run.started_at).total_seconds())


def by_operation(results: Iterable[Result]) -> Sequence[tuple[str, Sequence[Result]]]:
    """Results that follow each other and are of one operation, together."""
    return [(key, list(group)) for key, group in groupby(results, attrgetter("operation"))]
