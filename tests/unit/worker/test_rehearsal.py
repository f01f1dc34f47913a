"""What the warm parent does once, so that no case is the first to do it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.shared_material import ROOT
from worker import rehearsal

REHEARSED = """
import inspect, os, signal, sys
from pathlib import Path
from testops import client
from testops.client import _through_gateway
from worker import engine, rehearsal
from worker.order import INTERRUPT

def state():
    descriptors = sorted(os.listdir("/proc/self/fd"))
    return dict(os.environ), list(sys.path), signal.getsignal(INTERRUPT), descriptors

before = state()
assert rehearsal.rehearse(engine.PLUGINS, Path.cwd()) == 0
assert state() == before, (before, state())
assert "test_warmth_of_the_engine" not in sys.modules
# Large, and of use to few modules.
assert not {"schemathesis", "hypothesis"} & set(sys.modules)
assert _through_gateway.cache_info().currsize == 0
assert list(Path.cwd().iterdir()) == []
# Where the source of a check that finds something is looked for.
assert os.path.realpath(client.__file__) in inspect.modulesbyfile
"""


def test_every_check_of_the_rehearsal_passes_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    """In a process of its own: in this one others open and close what they like."""
    ended = subprocess.run(
        [sys.executable, "-c", REHEARSED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_rehearsal_without_the_sdk_says_that_it_failed(tmp_path: Path) -> None:
    """As where an engine loads other plugins: its cases run all the same."""
    assert rehearsal.rehearse((), tmp_path) == 1
