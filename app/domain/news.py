"""News: what people may want to be told of, each kind a rule that a channel can choose. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.outcomes import Outcome


class Kind(StrEnum):
    """What happened; a message is headed by the first in this order that holds."""

    #: A figure passed a limit that somebody had set.
    ALERT = "alert"
    #: A figure is far from what it usually is.
    ANOMALY = "anomaly"
    #: Something is red in a run that was not red before.
    NEW_FAILURE = "new_failure"
    #: Something is red in a run.
    FAILURE = "failure"
    #: What was red passes again, and nothing is red in the run.
    RECOVERY = "recovery"
    #: A check gives now this and now that.
    FLAKY = "flaky"
    #: Cases were written.
    GENERATION = "generation"
    #: A run has ended, however it did.
    FINISH = "finish"


def in_order(kinds: Iterable[Kind]) -> list[Kind]:
    """The kinds, what heads a message first."""
    given = set(kinds)
    return [kind for kind in Kind if kind in given]


@dataclass(frozen=True, slots=True)
class Turn:
    """How a check ended in a run, and in the last run before that decided it."""

    operation: str
    check: str
    outcome: Outcome
    #: None where no run had decided it lately.
    before: Outcome | None
    #: What it said, in one line.
    message: str = ""
    #: Whether it passed when it was run again.
    is_flaky: bool = False

    @property
    def is_red(self) -> bool:
        """Whether it failed or could not be decided."""
        return self.outcome in RED

    @property
    def is_new(self) -> bool:
        """Whether it is red and was not."""
        return self.is_red and self.before not in RED

    @property
    def is_fixed(self) -> bool:
        """Whether it passes and was red."""
        return self.outcome == Outcome.PASSED and self.before in RED


RED = frozenset({Outcome.FAILED, Outcome.ERRORED})


def of_run(turns: Sequence[Turn], *, is_cancelled: bool) -> list[Kind]:
    """What the end of a run is, of whose checks these are those that are or were red.

    A cancelled run has decided nothing: whoever cancelled it knows.
    """
    kinds = {Kind.FINISH}
    if is_cancelled:
        return in_order(kinds)
    if any(turn.is_red for turn in turns):
        kinds.add(Kind.FAILURE)
    elif any(turn.is_fixed for turn in turns):
        kinds.add(Kind.RECOVERY)
    if any(turn.is_new for turn in turns):
        kinds.add(Kind.NEW_FAILURE)
    if any(turn.is_flaky for turn in turns):
        kinds.add(Kind.FLAKY)
    return in_order(kinds)
