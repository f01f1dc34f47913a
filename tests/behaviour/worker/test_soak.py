"""Cases while processes are killed at random; `make soak-runner` is the long version."""

from __future__ import annotations

import re
import subprocess
import sys

from app.domain.outcomes import Outcome
from app.domain.results import CaseFinished
from bench.runner import soak
from bench.runner.soak import Findings
from tests.shared_material import ROOT


def test_every_case_ends_once_and_nothing_is_left() -> None:
    """In a process of its own: whatever else opens a descriptor would be taken for the engine's."""
    arguments = ["--cases=120", "--seed=1", "--kill-seconds=0.25"]
    ended = subprocess.run(
        [sys.executable, "-m", "bench.runner.soak", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert "120 cases in" in ended.stdout
    assert re.search(r"outcomes: \d+ errored, \d+ failed, \d+ passed", ended.stdout)
    assert re.search(r"kills: \d+ child", ended.stdout)


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
