"""The account of one case, of a process made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from app.domain.outcomes import Outcome
from app.domain.redaction import Redactor
from app.domain.results import CaseFinished
from worker.account import Account
from worker.frames import CheckBegan, CheckEnded, Frame
from worker.gateway.hub import Opened
from worker.gateway.recording import Taken
from worker.promise import Promise
from worker.supervision import End, Supervision

SILENT = Opened(-1, Taken)


class TellingProcess:
    """Tells its frames to the end, also after it was stopped: they were on their way."""

    def __init__(self, *frames: Frame) -> None:
        self._frames = frames
        self.overran = ""
        self.end = End(0)

    def frames(self) -> Iterator[Frame]:
        yield from self._frames

    def stop(self, reason: str) -> None:
        self.end = End(0, reason)

    def take_output(self) -> str:
        return ""


def test_nothing_is_believed_that_follows_a_lie() -> None:
    """A pass out of order breaks the account; what was on its way behind it is not told."""
    process = TellingProcess(
        CheckEnded("test_x", Outcome.PASSED, "", "", 0.0),
        CheckBegan("test_x"),
        CheckEnded("test_x", Outcome.PASSED, "", "", 0.0),
    )
    account = Account("c1", Promise({"test_x": ""}), Redactor.of({}), "")
    assert list(account.follow(cast("Supervision", process), SILENT)) == []
    assert isinstance(account.finished, CaseFinished)
    assert account.finished.outcome is Outcome.ERRORED
    assert "not to be believed" in account.finished.message
