import datetime as dt

from app.models.result import Result
from app.models.run import Run
from app.views.ui import outcomes
from app.views.ui.outcomes import Segment

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


def run_of(*, passed: int = 0, failed: int = 0, errored: int = 0, skipped: int = 0) -> Run:
    return Run(passed=passed, failed=failed, errored=errored, skipped=skipped)


def test_a_bar_is_filled_by_the_outcomes_there_are() -> None:
    assert outcomes.segments(run_of(passed=3, errored=1)) == [
        Segment("passed", 0.0, 75.0),
        Segment("errored", 75.0, 25.0),
    ]


def test_a_bar_without_checks_is_empty() -> None:
    assert outcomes.segments(run_of()) == []


def test_a_pass_rate_is_never_rounded_up_to_all() -> None:
    assert outcomes.pass_rate(run_of(passed=999, failed=1)) == "99 %"
    assert outcomes.pass_rate(run_of(passed=2, skipped=5)) == "100 %"
    assert outcomes.pass_rate(run_of(skipped=5)) == "-"


def test_a_run_took_until_its_end_or_until_now() -> None:
    start = NOW - dt.timedelta(seconds=30)
    assert outcomes.took(Run(started_at=None), NOW) == "-"
    assert outcomes.took(Run(started_at=start), NOW) == "30.0 s"
    ended = start + dt.timedelta(seconds=2)
    assert outcomes.took(Run(started_at=start, finished_at=ended), NOW) == "2.0 s"


def test_results_of_one_operation_that_follow_each_other_stand_together() -> None:
    one, two, three = (Result(operation=name) for name in ("GET /a", "GET /a", "GET /b"))
    assert outcomes.by_operation([one, two, three]) == [("GET /a", [one, two]), ("GET /b", [three])]
