"""What came of the attacks, once for each kind of user that a runner may be."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.behaviour.sandbox.attacks import POD, ROOT, USER
from tests.behaviour.sandbox.measuring import rerouted
from tests.behaviour.sandbox.stage import SECRET_VARIABLE, Result
from tests.shared_material import ROOT as PROJECT

#: Tests of one profile stay on one worker, which runs its attacks once.
PROFILES = [
    pytest.param(name, marks=pytest.mark.xdist_group(f"sandbox-{name}"))
    for name in (ROOT, USER, POD)
]


def run(profile: str) -> Result:
    """All attacks, in a process of their own that has the profile's rights."""
    # Not pytest's tmp_path, which no other user may enter.
    folder = Path(tempfile.mkdtemp(prefix="sandbox-"))
    folder.chmod(0o1777)
    try:
        with rerouted(folder / "measures") as measures:
            command = [sys.executable, "-m", "tests.behaviour.sandbox.profiles", profile]
            done = subprocess.run(
                [*command, str(folder)],
                cwd=PROJECT,
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONDONTWRITEBYTECODE": "1",
                    SECRET_VARIABLE: f"s3cret-{secrets.token_hex(16)}",
                    **measures,
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stdout
        return Result(**json.loads((folder / "outcome.json").read_text()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def results() -> Callable[[str], Result]:
    """What came of a profile's attacks."""
    return cache(run)


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    """Who runs the runner."""
    name: str = request.param
    if name == ROOT and os.geteuid() != 0:
        pytest.skip("the tests are not run by root")
    return name


@pytest.fixture
def result(profile: str, results: Callable[[str], Result]) -> Result:
    return results(profile)
