"""The command `testops`: collects its subcommands from the entry points "testops.commands".

Each is imported when it is asked for, so that one which cannot be loaded costs the others nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import metadata

import click

#: Where packages register subcommands.
GROUP = "testops.commands"


class Commands(click.Group):
    """A group whose commands are entry points."""

    def __init__(self, entry_points: Iterable[metadata.EntryPoint], name: str = "testops") -> None:
        super().__init__(name, help="Tests for HTTP APIs: written, run and explained.")
        self._entry_points: Mapping[str, metadata.EntryPoint] = {
            entry_point.name: entry_point for entry_point in entry_points
        }

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands, loaded or not."""
        return sorted(self._entry_points)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """A command by its name; one that cannot be loaded says so when it is used."""
        entry_point = self._entry_points.get(cmd_name)
        if entry_point is None:
            return None
        try:
            command = entry_point.load()
        except (ImportError, AttributeError) as error:
            return _broken(cmd_name, error)
        return command if isinstance(command, click.Command) else _broken(cmd_name, "no command")


def _broken(name: str, reason: object) -> click.Command:
    message = f"`{name}` cannot be loaded: {reason}"

    @click.command(
        name,
        short_help=f"(unavailable: {reason})",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
    )
    @click.argument("anything", nargs=-1, type=click.UNPROCESSED)
    def unavailable(anything: tuple[str, ...]) -> None:  # noqa: ARG001 - whatever was asked for
        raise click.ClickException(message)

    return unavailable


def command() -> click.Command:
    """The whole command with everything that is registered in this environment."""
    group = Commands(metadata.entry_points(group=GROUP))
    return click.version_option(package_name="ai-testops", prog_name="testops")(group)


def main() -> None:
    """The entry point of the program."""
    command()()
