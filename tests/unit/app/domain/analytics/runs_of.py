"""Runs for tests of analytics, a minute apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from app.domain.analytics.facts import Asked, CaseFacts, CheckFacts, RunFacts
from app.domain.analytics.track import Mark, Track
from app.domain.outcomes import Outcome

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
OPERATION = "GET /pets"
SIGNS = {
    "g": Outcome.PASSED,
    "r": Outcome.FAILED,
    "s": Outcome.FAILED,
    "e": Outcome.ERRORED,
    "-": Outcome.SKIPPED,
}


def at(minute: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minute)


def marks(signs: str, seconds: float = 1.0) -> list[Mark]:
    """Runs of one check: g(reen), r(ed), s(haky: red, then green when run again)."""
    return [
        Mark(at(minute), int(sign == "g"), 1, seconds, is_shaky=sign == "s")
        for minute, sign in enumerate(signs)
    ]


def track(signs: str, script: str = "a") -> Track:
    found = Track()
    for minute, mark in enumerate(marks(signs)):
        found = found.after(f"run-{minute}", mark, script)
    return found


def check(
    sign: str, name: str = "test_a", *, message: str = "boom", seconds: float = 1.0, run: str = ""
) -> CheckFacts:
    """How a check ended: as `marks`, and e(rrored) and - (skipped)."""
    is_red = sign in "rse"
    return CheckFacts(
        f"{run}{name}",
        name,
        SIGNS[sign],
        seconds,
        message=message if is_red else "",
        asked=[Asked("GET", "http://api.test/pets", 200)] if is_red else (),
        reruns=[Outcome.PASSED] if sign == "s" else (),
    )


def run(
    minute: int,
    checks: Iterable[CheckFacts],
    *,
    operation: str = OPERATION,
    script: str = "a",
    seconds: float = 1.0,
    is_whole: bool = True,
) -> RunFacts:
    """A run of one case."""
    case = CaseFacts(operation, script, seconds, tuple(checks))
    return of_cases(minute, [case], seconds=seconds, is_whole=is_whole)


def of_cases(
    minute: int, cases: Sequence[CaseFacts], *, seconds: float = 1.0, is_whole: bool = True
) -> RunFacts:
    return RunFacts(f"run-{minute}", at(minute), seconds, is_whole, cases)
