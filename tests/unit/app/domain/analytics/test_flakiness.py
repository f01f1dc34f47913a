import datetime as dt

import pytest

from app.domain.analytics import flakiness
from app.domain.analytics.flakiness import Quarantine
from app.domain.analytics.track import Mark
from tests.unit.app.domain.analytics.runs_of import at, marks


@pytest.mark.parametrize("signs", ["grgr", "rgrgg", "ss", "gsgggs", "gggggggggggggrgrgrg"])
def test_a_check_that_gives_now_this_and_now_that_is_flaky(signs: str) -> None:
    assert flakiness.why_flaky(marks(signs))


@pytest.mark.parametrize(
    "signs",
    ["", "grrrr", "rrrg", "grg", "s", "g" * 15 + "rrgrr", "ss" + "g" * flakiness.RECENT],
)
def test_a_failure_and_its_repair_are_not_flaky(signs: str) -> None:
    """Nor is what was flaky long ago."""
    assert flakiness.why_flaky(marks(signs)) == ""


def test_the_reason_says_what_was_seen() -> None:
    assert "again in 2 of its last 3 runs" in flakiness.why_flaky(marks("sgs"))
    assert "changed 3 times in its last 4 runs" in flakiness.why_flaky(marks("grgr"))


def test_quarantine_ends_by_itself_and_asks_for_new_evidence() -> None:
    known = flakiness.quarantine(None, marks("grgr"), at=at(3), days=1)
    assert known is not None
    assert (known.since, known.until) == (at(3), at(3) + dt.timedelta(days=1))
    assert known.holds(at(3))
    assert not known.holds(known.until)
    later = known.until + dt.timedelta(minutes=1)
    assert flakiness.quarantine(known, marks("grgr"), at=at(4), days=1) == known
    assert flakiness.quarantine(known, marks("grgrg"), at=later, days=1) == known
    again = [*marks("grgr"), *[_moved(mark, later) for mark in marks("grgr")]]
    renewed = flakiness.quarantine(known, again, at=again[-1].at, days=1)
    assert renewed is not None
    assert renewed.since == again[-1].at


def _moved(mark: Mark, start: dt.datetime) -> Mark:
    return Mark(start + (mark.at - at(0)), mark.passed, mark.decided, mark.duration_seconds)


def test_a_lift_ends_quarantine_also_when_it_is_counted_anew() -> None:
    lift = at(5)
    known = flakiness.quarantine(None, marks("grgr"), at=at(3), days=1, lifts=[at(1), lift, at(7)])
    assert known is not None
    assert known.until == lift
    assert not known.holds(at(6))


def test_a_lift_at_another_time_changes_nothing() -> None:
    known = Quarantine(at(3), at(9), "flaky")
    assert known.cut([at(2), at(9)]) == known


def test_without_days_there_is_no_quarantine() -> None:
    assert flakiness.quarantine(None, marks("grgr"), at=at(3), days=0) is None


def test_a_steady_check_is_left_alone() -> None:
    assert flakiness.quarantine(None, marks("gggg"), at=at(3), days=1) is None
