"""Red checks that are run again: evidence, never success."""

from __future__ import annotations

import threading

import pytest

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished, CheckFinished, CheckStarted
from tests.behaviour.worker.support import TargetServer, checks, ends, shard_of, verdicts
from worker.engine import Engine

SCRIPT = """
def test_sound():
    assert send("/empty").status_code == 204

@pytest.mark.parametrize("n", [1, 2])
def test_flaky(n):
    assert n == 2 or send("/flaky").status_code == 200, "not yet"

class TestInside:
    def test_wrong(self):
        print("seen")
        assert send("/missing").status_code == 200
"""


def test_a_check_that_passes_when_run_again_is_flaky_and_stays_failed(
    engine: Engine, target: TargetServer
) -> None:
    """Only what is red is run again, and no more once it has passed."""
    events = list(engine.execute(shard_of(SCRIPT, base_url=target.url, retries=2)))
    found = checks(events)
    assert verdicts(events) == {
        "test_sound": Outcome.PASSED,
        "test_flaky[1]": Outcome.FAILED,
        "test_flaky[2]": Outcome.PASSED,
        "TestInside::test_wrong": Outcome.FAILED,
    }
    assert (found["test_flaky[1]"].is_flaky, found["TestInside::test_wrong"].is_flaky) == (
        True,
        False,
    )
    (passed,) = found["test_flaky[1]"].reruns
    assert (passed.outcome, [each.status for each in passed.exchanges]) == (Outcome.PASSED, [200])
    again = found["TestInside::test_wrong"].reruns
    assert [rerun.outcome for rerun in again] == [Outcome.FAILED] * 2
    assert [rerun.output for rerun in again] == ["seen\n"] * 2
    assert "assert 404 == 200" in again[1].message
    assert found["test_sound"].reruns == ()
    assert len(target.asked("/empty")) == 1
    assert len(target.asked("/flaky")) == 2
    assert ends(events)[0].outcome is Outcome.FAILED


def test_each_time_is_told_as_it_begins_and_all_results_before_the_cases_end(
    engine: Engine, target: TargetServer
) -> None:
    script = "def test_a(): assert False"
    events = list(engine.execute(shard_of(script, base_url=target.url, retries=1)))
    assert [type(event) for event in events[1:]] == [
        CheckStarted,
        CheckStarted,
        CheckFinished,
        CaseFinished,
    ]


def test_nothing_is_run_again_unless_the_plan_says_so(engine: Engine, target: TargetServer) -> None:
    events = list(engine.execute(shard_of(SCRIPT, base_url=target.url)))
    assert not any(check.reruns for check in checks(events).values())
    assert len(target.asked("/flaky")) == 1


def test_a_case_that_breaks_is_not_run_again(engine: Engine, target: TargetServer) -> None:
    """Nor does what breaks when run again count for anything."""
    broken = "def test_a(): assert False\ndef test_b(): os._exit(0)"
    (failed, _) = checks(engine.execute(shard_of(broken, retries=1))).values()
    assert (failed.check, failed.outcome, failed.reruns) == ("test_a", Outcome.FAILED, ())
    script = """
        def test_a():
            if send("/flaky").status_code == 200:
                os._exit(0)
            assert False
        """
    events = list(engine.execute(shard_of(script, base_url=target.url, retries=1)))
    (check,) = checks(events).values()
    assert check.outcome is Outcome.FAILED
    assert [rerun.outcome for rerun in check.reruns] == [Outcome.ERRORED]


@pytest.mark.parametrize("why", ["cancelled", "leaving"])
def test_a_check_is_not_run_again_once_that_is_to_end(
    engine: Engine, target: TargetServer, why: str
) -> None:
    stop = threading.Event()
    shard = shard_of("def test_a(): assert False", base_url=target.url, retries=5)
    events = engine.execute(shard, **{why: stop.is_set})
    started = 0
    for event in events:
        started += isinstance(event, CheckStarted)
        if started == 2:
            stop.set()
        if isinstance(event, CheckFinished):
            assert len(event.reruns) <= 1
    assert started == 2
