"""What `make run` says on the terminal; all else goes to the parts' logs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from bridge.local.state import Admin


class Screen:
    """Says one line for each thing worth knowing."""

    def __init__(self, write: Callable[[str], object] = click.echo) -> None:
        self._write = write

    def start(self, folder: Path) -> None:
        """The start, which the first time takes longer."""
        self._write(f"Starting AI TestOps; its data and logs are in {folder}.")

    def ready(self, part: str, seconds: float) -> None:
        """A part can be used."""
        self._write(f"  {part:<10} ready after {seconds:5.1f} s")

    def slow(self, part: str, seconds: float, log: Path) -> None:
        """A part takes long."""
        self._write(f"  {part:<10} not ready after {seconds:.0f} s, see {log}")

    def died(self, part: str, status: int, pause: float, log: Path) -> None:
        """A part ended by itself."""
        self._write(
            f"  {part:<10} ended with status {status}, see {log}; "
            f"starting it again in {pause:.1f} s"
        )

    def restarted(self, part: str, because: str) -> None:
        """A part is started again since another one was."""
        self._write(f"  {part:<10} starting again, since {because} was lost")

    def open(self, url: str, demo_url: str, admin: Admin) -> None:
        """Everything can be used."""
        self._write(
            f"\nReady at {url}\n"
            f"  sign in    {admin.email}\n"
            f"  password   {admin.password}\n"
            f"  demo API   {demo_url}\n"
            "The broker is the embedded one: it forgets on exit, and what is unfinished then is "
            "sent again.\nStop with Ctrl-C."
        )

    def stopping(self) -> None:
        """The end has begun."""
        self._write("\nStopping.")

    def killed(self, part: str) -> None:
        """A part had to be killed."""
        self._write(f"  {part:<10} did not end in time and was killed")

    def stopped(self) -> None:
        """Nothing runs any more."""
        self._write("Stopped.")
