import datetime as dt

import pytest

from app.views.ui import words

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (9, "just now"),
        (10, "10 seconds ago"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7200, "2 hours ago"),
        (86400, "1 day ago"),
        (13 * 86400, "13 days ago"),
        (14 * 86400, "2026-02-15"),
    ],
)
def test_a_moment_is_told_by_its_distance_until_that_says_little(seconds: int, said: str) -> None:
    assert words.ago(NOW - dt.timedelta(seconds=seconds), NOW) == said


def test_a_moment_in_full_is_utc_whatever_its_zone() -> None:
    there = dt.timezone(dt.timedelta(hours=2))
    assert words.stamp(NOW.astimezone(there)) == "2026-03-01 12:00:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0123, "12 ms"), (3.44, "3.4 s"), (59.9, "59.9 s"), (125.9, "2 min 5 s")],
)
def test_a_duration_has_the_unit_that_fits(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_the_first_line_is_the_first_that_says_something() -> None:
    assert words.first_line("\n  \n  Expected 200.\nGot 500.") == "Expected 200."
    assert words.first_line("") == ""
