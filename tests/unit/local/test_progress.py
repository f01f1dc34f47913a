from __future__ import annotations

import io

from rich.console import Console

from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase
from app.domain.results import CaseFinished, CaseStarted
from local import progress
from local.execution import Happening

CASE = PlannedCase("tests/test_pets.py", "GET /pets/[red]", "test_pets.py", "")
STARTED = Happening(CASE, CaseStarted("tests/test_pets.py"))
FINISHED = Happening(CASE, CaseFinished("tests/test_pets.py", Outcome.FAILED))
NAMELESS = Happening(
    PlannedCase("test_x.py", "", "test_x.py", ""), CaseFinished("test_x.py", Outcome.PASSED)
)


def shown(*happenings: Happening, terminal: bool) -> str:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=100)
    with progress.display(console, 2) as display:
        for happening in happenings:
            display.show(happening)
    return file.getvalue()


def test_elsewhere_than_on_a_terminal_each_case_is_a_line() -> None:
    assert shown(STARTED, FINISHED, NAMELESS, terminal=False).splitlines() == [
        "[1/2] failed   GET /pets/[red]",
        "[2/2] passed   test_x.py",
    ]


def test_on_a_terminal_a_bar_grows() -> None:
    text = shown(STARTED, FINISHED, terminal=True)
    assert "1/2" in text
    assert "GET /pets/[red]" in text
