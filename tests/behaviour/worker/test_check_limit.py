"""A check that takes too long is interrupted, and the next ones of its case run."""

from __future__ import annotations

import pytest

from app.domain.outcomes import Outcome
from app.domain.plans import Limits
from app.domain.results import CheckFinished, Event
from tests.behaviour.worker.conftest import Clock
from tests.behaviour.worker.support import checks, ends, shard_of, verdicts
from worker.engine import Engine

LIMITS = Limits(case_seconds=10_000, check_seconds=30)
TOO_LONG = "The check took longer than its limit of 30 seconds."

#: Tells that it hangs, so that no time passes before.
HANG = """
def hang():
    open("hangs", "w").close()
    while True:
        time.sleep(0.01)
"""


def hurried(engine: Engine, clock: Clock, script: str) -> list[Event]:
    """All events; the check's time has passed as soon as its code hangs."""
    leaps = [LIMITS.check_seconds]

    def hurry() -> bool:
        if leaps and any(engine._tools.workspace.glob("case-*/hangs")):
            clock.leap(leaps.pop())
        return False

    return list(engine.execute(shard_of(HANG + script, limits=LIMITS), cancelled=hurry))


def test_the_next_checks_run(engine: Engine, clock: Clock) -> None:
    """It is errored with the place where it hung; what stands around it counts as ever."""
    script = """
def test_before(): pass
def test_a():
    print("so far")
    hang()
def test_after(): pass
"""
    events = hurried(engine, clock, script)
    assert verdicts(events) == {
        "test_before": Outcome.PASSED,
        "test_a": Outcome.ERRORED,
        "test_after": Outcome.PASSED,
    }
    late = checks(events)["test_a"]
    assert late.message == TOO_LONG
    assert "time.sleep(0.01)" in late.traceback
    assert "worker/reporter.py" not in late.traceback
    assert late.output == "so far\n"
    assert (ends(events)[0].outcome, ends(events)[0].message) == (Outcome.ERRORED, "")


@pytest.mark.parametrize(
    ("fixture", "phase"), [("hang()\n    yield", "setup"), ("yield\n    hang()", "teardown")]
)
def test_fixtures_are_part_of_the_check(
    engine: Engine, clock: Clock, fixture: str, phase: str
) -> None:
    script = f"""
@pytest.fixture
def slow():
    {fixture}
def test_a(slow): pass
def test_after(): pass
"""
    events = hurried(engine, clock, script)
    assert verdicts(events) == {"test_a": Outcome.ERRORED, "test_after": Outcome.PASSED}
    assert checks(events)["test_a"].message == f"{phase}: {TOO_LONG}"


def test_an_interrupted_check_cleans_up(engine: Engine, clock: Clock) -> None:
    script = """
@pytest.fixture
def resource():
    yield
    open("cleaned", "w").close()
def test_a(resource): hang()
def test_after(): assert os.path.exists("cleaned")
"""
    events = hurried(engine, clock, script)
    assert verdicts(events) == {"test_a": Outcome.ERRORED, "test_after": Outcome.PASSED}


@pytest.mark.parametrize(
    ("end", "outcome", "message"),
    [
        ("return", Outcome.ERRORED, TOO_LONG),
        ("pytest.skip('late')", Outcome.ERRORED, TOO_LONG),
        ("assert False, 'wrong'", Outcome.FAILED, "wrong\nassert False"),
    ],
)
def test_going_on_in_spite_of_it_is_no_pass(
    engine: Engine, clock: Clock, end: str, outcome: Outcome, message: str
) -> None:
    script = f"""
def test_a():
    try:
        hang()
    except BaseException:
        pass
    {end}
def test_after(): pass
"""
    events = hurried(engine, clock, script)
    assert verdicts(events) == {"test_a": outcome, "test_after": Outcome.PASSED}
    assert checks(events)["test_a"].message == message


def test_one_that_cannot_be_interrupted_ends_the_case_and_says_where(
    engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.supervision.CLEAN_UP_SECONDS", 0.3)
    # It ends by itself; on a busy machine not before it would be killed in the middle of its words.
    monkeypatch.setattr("worker.supervision.GRACE_SECONDS", 30.0)
    script = """
def test_a():
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    print("so far")
    hang()
def test_after(): pass
"""
    end, late = _ended(hurried(engine, clock, script))
    assert end == "test_a took longer than its limit of 30 seconds and could not be interrupted."
    assert late.message == end
    assert "in hang" in late.traceback
    assert late.output == "so far\n"


def test_one_that_ignores_every_signal_is_killed(
    engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.supervision.CLEAN_UP_SECONDS", 0.3)
    script = """
def test_a():
    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    hang()
"""
    end, late = _ended(hurried(engine, clock, script))
    assert "could not be interrupted" in end
    assert (late.outcome, late.traceback) == (Outcome.ERRORED, "")


def _ended(events: list[Event]) -> tuple[str, CheckFinished]:
    return ends(events)[0].message, checks(events)["test_a"]
