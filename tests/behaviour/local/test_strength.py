"""`testops strength` as a user calls it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from local.strength import strength
from tests.behaviour.worker.support import TargetServer, target_server

CONTRACT = {
    "contract": 1,
    "operations": {"GET /echo": {"pointer": "#/paths/~1echo/get", "responses": {}}},
    "schemas": {},
}
STRONG = """
from testops import Api, expect

OPERATION = "GET /echo"


def test_strong(api: Api) -> None:
    expect.success(api.get("/echo"), 200)
"""
VACUOUS = """

def test_vacuous(api: Api) -> None:
    api.get("/echo")
"""


@pytest.fixture(scope="module")
def target() -> Iterator[TargetServer]:
    with target_server() as server:
        yield server


def invoke(folder: Path, script: str, target: TargetServer, *arguments: str) -> Result:
    (folder / "contract.json").write_text(json.dumps(CONTRACT))
    (folder / "test_echo.py").write_text(script)
    return CliRunner().invoke(strength, [str(folder), "--base-url", target.url, *arguments])


def test_a_vacuous_check_is_named_with_what_it_overlooked(
    tmp_path: Path, target: TargetServer
) -> None:
    asked = len(target.seen)
    result = invoke(tmp_path, STRONG + VACUOUS, target, "--json", str(tmp_path / "s.json"))

    assert result.exit_code == 1, result.output
    assert "VACUOUS GET /echo  test_vacuous" in result.stdout
    assert "should be noticed: a server error is never right (RFC 9110" in result.stdout
    assert "2 checks in 1 cases: 66.6 % of 3 changes noticed, 1 vacuous" in result.stdout
    assert "[1/1] 66.6 % GET /echo" in result.stderr
    document = json.loads((tmp_path / "s.json").read_text())
    assert document["totals"]["survived"] == 1
    # Each check asked once, when it was recorded.
    assert len(target.seen) == asked + 2


def test_strong_checks_are_all_there_is_to_it(tmp_path: Path, target: TargetServer) -> None:
    """A report that goes to stdout has it for itself; there may be a wish for how strong."""
    arguments = ("--json", "-", "--changes", "1", "--at-least", "100", "--cage", "none")
    result = invoke(tmp_path, STRONG, target, *arguments)

    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["totals"] == {
        "checks": 1,
        "kill_rate": 1.0,
        "vacuous": 0,
        "changes": 1,
        "noticed": 1,
        "survived": 0,
        "undecided": 0,
        "untried": 1,
    }
    assert "1 checks in 1 cases: 100.0 %" in result.stderr


def test_a_target_that_is_away_cannot_be_recorded(tmp_path: Path) -> None:
    result = invoke(tmp_path, STRONG, TargetServer("http://127.0.0.1:9"))

    assert result.exit_code == 3
    assert "cannot be reached" in result.output


def test_a_weak_cage_is_told(
    tmp_path: Path, target: TargetServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.doctor.broken", lambda *_: ("reaches others",))
    result = invoke(tmp_path, STRONG, target)

    assert "Nothing on this machine sees to it that a script reaches others" in result.stderr
