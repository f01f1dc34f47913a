"""What the benchmark of a run's page makes of the times that it has found."""

from __future__ import annotations

from app.domain.outcomes import Outcome
from bench.progress import suite
from bench.progress.__main__ import HALF, LAST, MOST, PASSED, RED, SHOWN, STEPS, TOLD, figures
from bench.progress.facts import Check


def check(outcome: Outcome, late: float = 0.0) -> Check:
    """One that took a second for its first step, two for the next and so on; told late."""
    return Check(100.0, 101.0, 103.0, 106.0, 110.0 + late, 115.0 + late, outcome)


def test_each_kind_has_its_own_figures_in_milliseconds() -> None:
    red = [check(Outcome.FAILED), check(Outcome.FAILED), check(Outcome.ERRORED, late=7.0)]
    tables = figures([*red, check(Outcome.PASSED)])
    assert tables[f"{TOLD}, {RED}"] == {HALF: 10_000, MOST: 17_000, LAST: 17_000}
    assert tables[f"{SHOWN}, {RED}"] == {HALF: 15_000, MOST: 22_000, LAST: 22_000}
    assert tables[f"{SHOWN}, {PASSED}"] == dict.fromkeys((HALF, MOST, LAST), 15_000)


def test_the_steps_follow_each_other_without_a_gap() -> None:
    steps = figures([check(Outcome.FAILED), check(Outcome.PASSED)])[f"steps, {HALF}"]
    assert list(steps) == list(STEPS)
    assert list(steps.values()) == [1000, 2000, 3000, 4000, 5000]


def test_a_check_is_known_by_what_it_asks_for() -> None:
    assert suite.asked_for("GET /things-3/{thingId}", "test_thing_5") == "/things-3/5"
