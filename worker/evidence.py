"""What the gateway's record says about the passes of one case.

The script runs in the process that reports, and may read and change all of its memory: whatever
that process says can be forged. What it asked of the target, and with which status that answered,
it cannot forge, since both are recorded outside. So a pass must bear out the requests and statuses
that the check's text says it cannot pass without. This leaves what no record can show: whether the
rest of an answer was really looked at, and checks whose text does not say what they ask.
"""

from __future__ import annotations

from app.domain.outcomes import Outcome
from worker import claims
from worker.frames import CheckEnded
from worker.gateway.recording import Fact, Taken
from worker.promise import Promise

#: How an objection to a pass begins.
UNBORNE = "It reported a pass that the requests on record do not bear out"


class Evidence:
    """Holds the passes of a case against what the gateway has recorded."""

    def __init__(self, told: Promise, prefix: str) -> None:
        self._promise = told
        self._prefix = prefix
        self._earlier: list[Fact] = []
        self._is_complete = True

    def objection(self, frame: CheckEnded, taken: Taken) -> str:
        """Why a pass is not borne out; empty where it is, and for other outcomes."""
        self._is_complete = self._is_complete and taken.is_complete
        unmet = ""
        if frame.outcome is Outcome.PASSED and self._is_complete:
            groups = self._promise.claims_of(frame.check)
            unmet = claims.unmet(groups, taken.facts, self._earlier, self._prefix)
        self._earlier += taken.facts
        if not unmet:
            return ""
        return f"{UNBORNE}: {unmet}."
