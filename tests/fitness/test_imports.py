"""The layers of pyproject.toml hold."""

import subprocess

from tests.compose_file import program
from tests.shared_material import ROOT


def test_the_import_contracts_are_kept() -> None:
    answer = subprocess.run(
        [program("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout
