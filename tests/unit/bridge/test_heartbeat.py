"""The heartbeat file and its check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bridge import heartbeat
from bridge.heartbeat import Heartbeat
from tests.shared_material import ROOT


def test_a_single_loop_touches_the_file_with_every_beat(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    pulse = Heartbeat(str(path), ["relay"])
    pulse.beat("relay")
    os.utime(path, (0, 0))
    pulse.beat("relay")
    assert path.stat().st_mtime > 0


def test_the_slowest_of_several_loops_decides(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    pulse = Heartbeat(str(path), ["relay", "results"])
    pulse.beat("relay")
    pulse.beat("relay")
    assert not path.exists()
    pulse.beat("results")
    assert path.exists()
    path.unlink()
    pulse.beat("results")
    assert not path.exists()


def test_without_a_path_nothing_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Heartbeat("", ["relay"]).beat("relay")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("age", "healthy"), [(0.0, True), (59.0, True), (60.0, False), (3600.0, False)]
)
def test_a_heartbeat_is_fresh_for_a_minute(tmp_path: Path, age: float, healthy: bool) -> None:  # noqa: FBT001 - a parameter
    path = tmp_path / "beat"
    path.touch()
    problem = heartbeat.check({heartbeat.VARIABLE: str(path)}, path.stat().st_mtime + age)
    assert (problem == "") is healthy
    assert healthy or f"{age:.0f} s ago" in problem


def test_a_file_that_was_never_touched_is_a_process_that_is_not_ready(tmp_path: Path) -> None:
    problem = heartbeat.check({heartbeat.VARIABLE: str(tmp_path / "none")}, 0.0)
    assert "not ready" in problem


def test_the_check_says_which_variable_is_missing() -> None:
    assert heartbeat.VARIABLE in heartbeat.check({}, 0.0)


def test_the_command_answers_by_its_exit_status(tmp_path: Path) -> None:
    path = tmp_path / "beat"
    environment = {**os.environ, heartbeat.VARIABLE: str(path)}

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bridge.heartbeat"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    ill = run()
    path.touch()
    well = run()
    assert (ill.returncode, well.returncode) == (1, 0)
    assert "not ready" in ill.stderr
    assert well.stderr == ""
