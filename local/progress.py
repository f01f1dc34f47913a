"""Progress while it runs: a bar on a terminal, a line for each case elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.domain.results import CaseFinished
from local.execution import Happening


class Display(Protocol):
    """Shows what happens."""

    def show(self, happening: Happening) -> None:
        """Take the next event."""
        ...


class Lines:
    """A line for each case that has ended."""

    def __init__(self, console: Console, cases: int) -> None:
        self._console = console
        self._cases = cases
        self._done = 0

    def show(self, happening: Happening) -> None:
        """Print the case's line when it has ended."""
        if isinstance(happening.event, CaseFinished):
            self._done += 1
            line = f"[{self._done}/{self._cases}] {happening.event.outcome.value:8}"
            self._console.print(
                f"{line} {_name(happening)}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


class Bar:
    """A bar that grows with each case, and the operation at work."""

    def __init__(self, progress: Progress, cases: int) -> None:
        self._progress = progress
        self._task = progress.add_task("", total=cases)

    def show(self, happening: Happening) -> None:
        """Move the bar."""
        ended = isinstance(happening.event, CaseFinished)
        self._progress.update(self._task, advance=1 if ended else 0, description=_name(happening))


@contextmanager
def display(console: Console, cases: int) -> Iterator[Display]:
    """A display for so many cases, fit for the console."""
    if not console.is_terminal:
        yield Lines(console, cases)
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress, cases)


def _name(happening: Happening) -> str:
    return happening.case.operation or happening.case.case_id
