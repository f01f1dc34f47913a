"""What the end of a run is, and in which order it is told."""

import pytest

from app.domain.news import Kind, Turn, in_order, of_run
from app.domain.outcomes import Outcome

PASSED, FAILED, ERRORED = Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED


def turn(outcome: Outcome, before: Outcome | None, *, is_flaky: bool = False) -> Turn:
    return Turn("GET /a", "test_a", outcome, before, is_flaky=is_flaky)


@pytest.mark.parametrize(
    ("turns", "kinds"),
    [
        ([], {Kind.FINISH}),
        ([turn(FAILED, FAILED)], {Kind.FINISH, Kind.FAILURE}),
        ([turn(ERRORED, FAILED)], {Kind.FINISH, Kind.FAILURE}),
        ([turn(FAILED, PASSED)], {Kind.FINISH, Kind.FAILURE, Kind.NEW_FAILURE}),
        ([turn(FAILED, None)], {Kind.FINISH, Kind.FAILURE, Kind.NEW_FAILURE}),
        ([turn(PASSED, ERRORED)], {Kind.FINISH, Kind.RECOVERY}),
        ([turn(PASSED, FAILED), turn(FAILED, FAILED)], {Kind.FINISH, Kind.FAILURE}),
        ([turn(FAILED, FAILED, is_flaky=True)], {Kind.FINISH, Kind.FAILURE, Kind.FLAKY}),
    ],
)
def test_a_run_is_told_by_what_became_of_its_checks(turns: list[Turn], kinds: set[Kind]) -> None:
    assert of_run(turns, is_cancelled=False) == in_order(kinds)


def test_a_cancelled_run_has_decided_nothing() -> None:
    assert of_run([turn(FAILED, PASSED)], is_cancelled=True) == [Kind.FINISH]


def test_what_heads_a_message_comes_first() -> None:
    assert in_order({Kind.FINISH, Kind.FAILURE, Kind.NEW_FAILURE})[0] == Kind.NEW_FAILURE
