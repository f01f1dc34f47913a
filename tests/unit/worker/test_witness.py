from __future__ import annotations

import pytest

from app.domain.outcomes import Outcome
from worker import promise
from worker.frames import (
    CheckBegan,
    CheckEnded,
    Collected,
    CollectionFailed,
    Frame,
    SessionEnded,
)
from worker.witness import BrokenAccountError, Witness

PROMISE = promise.read("def test_a(): ...\ndef test_b(): ...")


def ended(check: str, outcome: Outcome = Outcome.PASSED) -> CheckEnded:
    return CheckEnded(check, outcome, "", "", 0.0)


def told(*frames: Frame) -> Witness:
    witness = Witness(PROMISE)
    for frame in frames:
        witness.hear(frame)
    return witness


BOTH = Collected(("test_a", "test_b"))
RUN_A = (CheckBegan("test_a"), ended("test_a"))
RUN_B = (CheckBegan("test_b"), ended("test_b"))
FAIL_B = (CheckBegan("test_b"), ended("test_b", Outcome.FAILED))


def test_a_whole_account_has_no_objection() -> None:
    assert told(BOTH, *RUN_A, *RUN_B, SessionEnded(0)).objection(0) == ""
    assert told(BOTH, *RUN_A, *FAIL_B, SessionEnded(1)).objection(1) == ""


@pytest.mark.parametrize(
    ("frames", "status", "objection"),
    [
        ((), 0, "ended early"),
        ((BOTH, *RUN_A, *RUN_B), 0, "ended early, with status 0"),
        ((BOTH, *RUN_A, *RUN_B, SessionEnded(0)), 1, "ended early, with status 1"),
        ((BOTH, CheckBegan("test_a")), 0, "in the middle of test_a"),
        ((BOTH, *RUN_A, SessionEnded(0)), 0, "Checks never ran: test_b."),
        ((SessionEnded(0),), 0, "Checks never ran: none was collected."),
        ((SessionEnded(4),), 4, "pytest ended with status 4."),
        ((BOTH, *RUN_A, *FAIL_B, SessionEnded(0)), 0, "contradicts"),
        ((BOTH, *RUN_A, *RUN_B, SessionEnded(1)), 1, "contradicts"),
        ((CollectionFailed("no module x"), Collected(()), SessionEnded(2)), 2, "no module x"),
        ((CollectionFailed("first"), CollectionFailed("second")), 2, "first"),
    ],
)
def test_an_incomplete_account_is_objected_to(
    frames: tuple[Frame, ...], status: int, objection: str
) -> None:
    assert objection in told(*frames).objection(status)


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ((Collected(("test_a",)),), "missing: test_b"),
        ((Collected(("test_a", "test_b", "test_c")),), "added: test_c"),
        ((Collected(("test_a", "test_b", "test_a")),), "a check was collected twice"),
        ((BOTH, BOTH), "the module was collected twice"),
        ((CheckBegan("test_a"),), "test_a began out of turn"),
        ((BOTH, CheckBegan("test_b")), "test_b began out of turn"),
        ((BOTH, *RUN_A, CheckBegan("test_a")), "test_a began out of turn"),
        ((BOTH, CheckBegan("test_a"), CheckBegan("test_b")), "before test_a had ended"),
        ((BOTH, ended("test_a")), "ended without having begun"),
        ((BOTH, CheckBegan("test_a"), ended("test_b")), "ended without having begun"),
        ((SessionEnded(0), BOTH), "after the end of the session"),
    ],
)
def test_a_frame_out_of_place_breaks_the_account(frames: tuple[Frame, ...], reason: str) -> None:
    with pytest.raises(BrokenAccountError, match=reason):
        told(*frames)
