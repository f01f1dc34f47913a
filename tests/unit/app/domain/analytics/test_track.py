import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.analytics.track import WINDOW, Freshness, Good, Mark, Streak, Track, flips
from tests.unit.app.domain.analytics.runs_of import at, marks, track

SIGNS = st.text("grs", max_size=60)


def test_a_streak_of_red_keeps_its_first_run_and_the_last_good_one() -> None:
    known = track("ggrr")
    assert known.streak == Streak("run-2", at(2))
    assert known.last_good == Good("run-1", at(1), "a")
    assert (known.runs, known.green) == (4, 2)


def test_a_streak_ends_with_a_green_run() -> None:
    assert track("rg").streak is None


def test_a_run_is_compared_with_the_one_before() -> None:
    green, red = marks("gr")
    assert track("").freshness_of(green) is Freshness.STEADY
    assert track("").freshness_of(red) is Freshness.NEW
    assert track("r").freshness_of(red) is Freshness.KNOWN
    assert track("r").freshness_of(green) is Freshness.FIXED
    assert [each.is_red for each in Freshness] == [True, True, False, False]


@given(SIGNS)
def test_figures_are_those_of_the_newest_runs(signs: str) -> None:
    known = track(signs)
    recent = signs[-WINDOW:]
    assert len(known.window) == len(recent)
    assert known.runs == len(signs)
    assert known.green == signs.count("g")
    rate = recent.count("g") / len(recent) if recent else None
    assert known.pass_rate == rate
    assert known.duration(0.95) == (1.0 if recent else None)
    assert 0 <= known.flip_rate <= 1


@given(SIGNS)
def test_since_when_does_not_depend_on_the_window(signs: str) -> None:
    """Also where the streak is longer than what is kept of single runs."""
    known = track(signs)
    reds = len(signs) - len(signs.rstrip("rs"))
    assert (known.streak is None) == (reds == 0)
    if known.streak:
        assert known.streak.run_id == f"run-{len(signs) - reds}"
    last = signs.rfind("g")
    assert (known.last_good and known.last_good.run_id) == (f"run-{last}" if last >= 0 else None)


def test_the_flip_rate_is_of_runs_that_follow_each_other() -> None:
    assert track("grgrg").flip_rate == 1.0
    assert track("ggrrr").flip_rate == pytest.approx(1 / 4)
    assert track("g").flip_rate == 0


def test_a_change_that_came_with_another_script_is_no_flip() -> None:
    known = track("g").after("next", Mark(at(9), 0, 1, 1.0), "b")
    assert known.window[-1].is_rewritten
    assert flips(known.window) == 0
    back = known.after("last", Mark(at(10), 1, 1, 1.0), "b")
    assert flips(back.window) == 1


def test_a_change_against_another_api_is_no_flip() -> None:
    known = track("g").after("next", Mark(at(9), 0, 1, 1.0, place="other"), "a")
    assert flips(known.window) == 0
    assert known.good_place == ""
    assert track("r").good_place is None


def test_the_first_run_rewrites_nothing() -> None:
    assert not Track().after("first", marks("g")[0], "a").window[0].is_rewritten


def test_without_decisions_there_is_no_pass_rate() -> None:
    empty = dataclasses.replace(marks("g")[0], passed=0, decided=0)
    assert Track().after("first", empty).pass_rate is None
