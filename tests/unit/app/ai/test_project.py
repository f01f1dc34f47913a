from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from app.ai import project
from app.openapi.model import ApiDescription
from tests.factories.descriptions import describe, operation, pet_shop
from tests.fakes.target import Answer, Target

PROBLEM = Answer(404, b'{"title": "?"}', {"Content-Type": "application/problem+json"})
REFUSED = Answer(422, PROBLEM.body, PROBLEM.headers)
REX = b'{"id": 7, "name": "Rex"}'
JSON = {"Content-Type": "application/json"}


def _write(folder: Path, description: ApiDescription) -> list[str]:
    written = dict(project.files(description))
    for name, text in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return sorted(written)


def _pytest(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Plain pytest in the project's folder, with nothing of this repository on its path."""
    inherited: Mapping[str, str] = {
        name: text
        for name, text in os.environ.items()
        # The copy of the library in the project is not what coverage is about.
        if not name.startswith(("TESTOPS_", "PYTEST", "COVERAGE_"))
    }
    return subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_project_has_all_it_needs(tmp_path: Path) -> None:
    names = _write(tmp_path, pet_shop())

    assert {"conftest.py", "pytest.ini", "requirements.txt", "README.md", "contract.json"} < set(
        names
    )
    assert {"testops/__init__.py", "testops/plugin.py", "tests/test_get_pets.py"} < set(names)
    requirements = (tmp_path / "requirements.txt").read_text("utf-8").split()
    assert [line.partition("~=")[0] for line in requirements] == [
        "httpx",
        "hypothesis",
        "jsonschema-rs",
        "pytest",
        "schemathesis",
    ]
    assert (tmp_path / "ruff.toml").read_text("utf-8") == "line-length = 100\n"
    assert json.loads((tmp_path / "contract.json").read_text("utf-8"))["title"] == "Pets"


def test_the_readme_cannot_be_broken_by_a_title() -> None:
    written = dict(project.files(describe(operation("GET", "/"), title="`x`\n# y")))

    assert written["README.md"].startswith(
        "# Tests of 'x' # y\n\nOne module for each of 1 operations"
    )
    assert dict(project.files(describe(title="")))["README.md"].startswith("# Tests of the API\n")


def test_the_readme_shows_a_documented_server_that_is_a_plain_url() -> None:
    hostile = replace(describe(), servers=("http://a/$(touch x)", "https://api.example:8443/v1"))

    assert (
        "TESTOPS_BASE_URL=https://api.example:8443/v1 pytest"
        in dict(project.files(hostile))["README.md"]
    )
    assert "localhost:8080" in dict(project.files(replace(hostile, servers=())))["README.md"]


def test_a_project_runs_with_plain_pytest_and_finds_what_is_wrong(tmp_path: Path) -> None:
    shop = pet_shop()
    listing, *others = shop.operations
    _write(tmp_path, replace(shop, operations=(replace(listing, parameters=()), *others)))
    answers = {
        "GET /pets": Answer(200, b'[{"id": 7, "name": "Rex"}]', JSON),
        "POST /pets": REFUSED,
        "GET /pets/7": Answer(200, REX, JSON),
    }
    with Target(answers, otherwise=PROBLEM) as target:
        right = _pytest(tmp_path, TESTOPS_BASE_URL=target.url)
        target.answers["GET /pets/7"] = Answer(200, b'{"id": "7", "name": "Rex"}', JSON)
        target.answers["GET /pets/999999999"] = Answer(200, b"{}", JSON)
        wrong = _pytest(tmp_path, "tests/test_get_pets_petid.py", TESTOPS_BASE_URL=target.url)

    assert right.returncode == pytest.ExitCode.OK, right.stdout
    assert "26 passed, 11 skipped" in right.stdout
    assert "Needs an existing resource: POST" in right.stdout
    assert wrong.returncode == pytest.ExitCode.TESTS_FAILED
    assert 'at /id: "7" is not of type "integer"' in wrong.stdout
    assert "FAILED tests/test_get_pets_petid.py::test_documented_success" in wrong.stdout
    assert "FAILED tests/test_get_pets_petid.py::test_unknown_id" in wrong.stdout


def test_a_project_says_what_it_needs_to_run(tmp_path: Path) -> None:
    _write(tmp_path, pet_shop())

    refused = _pytest(tmp_path)

    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert "TESTOPS_BASE_URL is not set" in refused.stderr
    assert _pytest(tmp_path, "--collect-only").returncode == pytest.ExitCode.OK
