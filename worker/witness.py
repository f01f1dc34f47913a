"""What the frames of one case prove.

Pure. A frame is believed only in its place: the collection first, with exactly the promised checks;
then each check once, its end right after its beginning; then the end of the session. The exit
status must agree with what was told. Anything else breaks the account, and a broken account proves
no pass.
"""

from __future__ import annotations

from app.domain.outcomes import Outcome
from worker.frames import (
    CheckBegan,
    CheckEnded,
    Collected,
    CollectionFailed,
    Frame,
    SessionEnded,
)
from worker.promise import Promise

#: pytest's exit statuses of a session that ran to its end: all passed, some failed.
_PASSED, _FAILED = 0, 1


class BrokenAccountError(Exception):
    """The frames cannot be what an honest reporter tells."""


class Witness:
    """Follows the frames of one case."""

    def __init__(self, promise: Promise) -> None:
        self._promise = promise
        self._to_come: list[str] | None = None
        self._red = False
        self._exit_status: int | None = None
        #: Why the module could not be imported; empty where it could.
        self.collection_failure = ""
        #: The check that has begun and not ended.
        self.running: str | None = None

    def hear(self, frame: Frame) -> None:
        """Take the next frame.

        Raises BrokenAccountError where it is out of place.
        """
        if self._exit_status is not None:
            raise BrokenAccountError("something was told after the end of the session")
        match frame:
            case Collected():
                self._collected(frame.checks)
            case CollectionFailed():
                self.collection_failure = self.collection_failure or frame.message
            case CheckBegan():
                self._began(frame.check)
            case CheckEnded():
                self._ended(frame)
            case SessionEnded():  # pragma: no branch - the last kind there is
                self._exit_status = frame.exit_status

    def _collected(self, checks: tuple[str, ...]) -> None:
        if self._to_come is not None:
            raise BrokenAccountError("the module was collected twice")
        self._to_come = list(checks)
        if self.collection_failure:
            return
        if difference := self._promise.difference(checks):
            raise BrokenAccountError(
                f"the checks that pytest found are not those in the module's text: {difference}"
            )
        if len(set(checks)) != len(checks):
            raise BrokenAccountError("a check was collected twice")

    def _began(self, check: str) -> None:
        if self.running is not None:
            raise BrokenAccountError(f"{check} began before {self.running} had ended")
        if not self._to_come or self._to_come.pop(0) != check:
            raise BrokenAccountError(f"{check} began out of turn")
        self.running = check

    def _ended(self, frame: CheckEnded) -> None:
        if frame.check != self.running:
            raise BrokenAccountError(f"{frame.check} ended without having begun")
        self.running = None
        self._red = self._red or frame.outcome in {Outcome.FAILED, Outcome.ERRORED}

    def objection(self, exit_status: int) -> str:
        """Why the account is not complete, given how the process really ended; empty if it is."""
        return self.collection_failure or self._early(exit_status) or self._incomplete(exit_status)

    def _early(self, exit_status: int) -> str:
        """Whether the process ended before pytest did."""
        if self.running is not None:
            return f"The process ended with status {exit_status} in the middle of {self.running}."
        if self._exit_status != exit_status:
            return f"The process ended early, with status {exit_status}."
        return ""

    def _incomplete(self, exit_status: int) -> str:
        """Whether pytest ended in another way than by running every check."""
        if exit_status not in {_PASSED, _FAILED}:
            return f"pytest ended with status {exit_status}."
        if self._to_come is None or self._to_come:
            return f"Checks never ran: {', '.join(self._to_come or ['none was collected'])}."
        if exit_status != (_FAILED if self._red else _PASSED):
            return f"The exit status {exit_status} contradicts the outcomes of the checks."
        return ""
