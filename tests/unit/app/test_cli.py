from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from click.testing import CliRunner, Result

from app import cli

#: "click:command" is any object of a module that can be imported; "local.cli:write" is a command.
ENTRY_POINTS = [
    EntryPoint(name=name, value=value, group=cli.GROUP)
    for name, value in {
        "write": "local.cli:write",
        "away": "no_such_package:command",
        "gone": "local.cli:no_such_name",
        "odd": "local.cli:Options",
    }.items()
]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli.Commands(ENTRY_POINTS), arguments)


def test_help_lists_every_command_and_what_is_wrong_with_it() -> None:
    lines = invoke("--help").output.splitlines()
    listed = {line.split()[0]: line for line in lines[lines.index("Commands:") + 1 :]}
    assert list(listed) == ["away", "gone", "odd", "write"]
    assert "unavailable" in listed["away"]
    assert "pytest project" in listed["write"]


def test_a_command_that_can_be_loaded_works_beside_broken_ones() -> None:
    result = invoke("write", "--help")
    assert result.exit_code == 0
    assert "--seed" in result.output


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("away", "No module named 'no_such_package'"),
        ("gone", "no_such_name"),
        ("odd", "no command"),
    ],
)
def test_a_broken_command_says_why(name: str, reason: str) -> None:
    result = invoke(name, "--whatever", "it", "was")
    assert result.exit_code == 1
    assert f"`{name}` cannot be loaded" in result.output
    assert reason in result.output


def test_an_unknown_command_is_a_usage_error() -> None:
    result = invoke("nothing")
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_the_program_tells_its_version() -> None:
    result = CliRunner().invoke(cli.command(), ["--version"])
    assert result.exit_code == 0
    assert result.output.startswith("testops, version ")


def test_the_program_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no arguments it shows its help as a usage error."""
    monkeypatch.setattr("sys.argv", ["testops"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
