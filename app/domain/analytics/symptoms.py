"""Symptoms: all that is known of a red check when its verdict is sought."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.analytics.facts import Asked, Change
from app.domain.outcomes import Outcome

#: How `testops` names the answer that an expectation was held against.
_ANSWERED = re.compile(r"(?P<method>[A-Z]+) (?P<url>\S+) answered (?P<status>\d{3})")
#: And how it says that none came.
_UNANSWERED = re.compile(r"(?P<method>[A-Z]+) (?P<url>\S+) got no answer: (?P<error>.*)")


@dataclass(frozen=True, slots=True)
class Symptoms:
    """A red check, its exchanges, its past, and what else changed."""

    outcome: Outcome
    #: Empty where the module itself broke.
    check: str
    message: str
    asked: Sequence[Asked] = ()
    #: Outcomes of running it again.
    reruns: Sequence[Outcome] = ()
    #: Why the check is flaky by its history, in words; empty where it is not.
    flaky: str = ""
    last_good_at: dt.datetime | None = None
    #: The newest change of the description since then.
    described_anew: Change | None = None
    #: Whether the script is another one than when the check last passed.
    is_rewritten: bool = False
    #: Whether another API is asked than when the check last passed.
    is_elsewhere: bool = False
    #: Whether any other case of the run got an answer.
    others_were_answered: bool = True

    @property
    def decisive(self) -> Asked | None:
        """The exchange that the message is about, or the last one."""
        if found := _ANSWERED.search(self.message):
            return Asked(found["method"], found["url"], int(found["status"]))
        if found := _UNANSWERED.search(self.message):
            return Asked(found["method"], found["url"], None, found["error"])
        return self.asked[-1] if self.asked else None
