import datetime as dt

import pytest

from app.domain.lifecycle import QUEUE_PATIENCE, Step, Work, may_become, next_step
from app.domain.outcomes import Status

NOW = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
PATIENCE = dt.timedelta(seconds=100)


def step(
    seconds_ago: float, *, attempt: int = 1, started: bool = False, progress: float | None = None
) -> Step:
    heard = NOW - dt.timedelta(seconds=seconds_ago)
    last = None if progress is None else NOW - dt.timedelta(seconds=progress)
    return next_step(
        Work(attempt, heard, started),
        now=NOW,
        patience=PATIENCE,
        max_attempts=3,
        last_progress=last,
    )


@pytest.mark.parametrize("status", [Status.FINISHED, Status.CANCELLED])
def test_nothing_follows_a_final_status(status: Status) -> None:
    assert not any(may_become(status, following) for following in Status)


def test_a_run_can_be_cancelled_until_it_has_ended() -> None:
    assert may_become(Status.QUEUED, Status.CANCELLED)
    assert may_become(Status.RUNNING, Status.CANCELLED)


def test_a_run_does_not_go_back_to_the_queue() -> None:
    assert not may_become(Status.RUNNING, Status.QUEUED)


def test_work_that_was_heard_of_is_waited_for() -> None:
    assert step(99, started=True) is Step.WAIT


def test_silent_work_is_published_again() -> None:
    assert step(100, started=True, progress=1) is Step.REPUBLISH


def test_silent_work_is_given_up_after_the_last_attempt() -> None:
    assert step(100, started=True, attempt=3) is Step.GIVE_UP


def test_work_in_a_queue_that_moves_is_not_published_again() -> None:
    """Else a long queue would grow by its own length."""
    assert step(500, progress=10) is Step.WAIT


def test_work_in_a_queue_that_stands_still_is_published_again() -> None:
    assert step(100, progress=100) is Step.REPUBLISH
    assert step(100) is Step.REPUBLISH


def test_even_a_queue_that_moves_is_not_trusted_for_ever() -> None:
    assert step(100 * QUEUE_PATIENCE, progress=0) is Step.REPUBLISH
