"""Cases while processes are killed at random; `make soak-runner` is the long version."""

from __future__ import annotations

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished
from bench.runner import soak
from bench.runner.soak import Findings, Plan


def test_every_case_ends_once_and_nothing_is_left() -> None:
    findings = soak.soak(Plan(cases=120, seed=1, kill_seconds=0.25))
    assert findings.wrong == []
    assert findings.kills.total() > 0
    assert set(findings.outcomes) == {Outcome.PASSED, Outcome.FAILED, Outcome.ERRORED}


def test_what_is_wrong_is_seen() -> None:
    """An outcome that no kill explains, a pass that nothing proves, memory that grows."""
    found = soak.objections(CaseFinished("fails-1", Outcome.PASSED), had_pass=True)
    assert list(found) == ["fails-1 is passed: "]
    broken = CaseFinished("passes-2", Outcome.ERRORED, "killed")
    assert list(soak.objections(broken, had_pass=True)) == [
        "passes-2 has a pass though it broke: killed"
    ]
    assert list(soak.objections(broken, had_pass=False)) == []
    assert Findings(memory=[50, 10, 10, 20, 20]).grown() == 10
