import pytest

from app.domain.outcomes import Outcome, Status, Totals


def test_totals_count_each_outcome() -> None:
    totals = Totals.of([Outcome.PASSED, Outcome.FAILED, Outcome.PASSED, Outcome.SKIPPED])
    assert totals == Totals(passed=2, failed=1, errored=0, skipped=1)
    assert totals.checks == 4


@pytest.mark.parametrize(
    ("totals", "green"),
    [
        (Totals(passed=1, skipped=1), True),
        (Totals(), True),
        (Totals(passed=5, failed=1), False),
        (Totals(passed=5, errored=1), False),
    ],
)
def test_green_means_nothing_failed_and_nothing_undecided(totals: Totals, *, green: bool) -> None:
    assert totals.is_green is green


def test_only_the_last_two_statuses_are_final() -> None:
    assert [status for status in Status if status.is_final] == [Status.FINISHED, Status.CANCELLED]
