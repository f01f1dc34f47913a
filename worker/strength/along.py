"""Measures how strong a case is right after it ran, from what was recorded of that run.

The recording is always made anew: in kept results bodies are cut short, and the script, the API or
its description may have changed since. So a case that is measured asks the API exactly as often as
one that is only executed, with the same results, and is cleaned up after before it is measured; all
that comes then is answered from the recording.

Measuring takes at most as long as a case may: a shard is not taken for lost by then. What was not
tried within that time, or because the run was cancelled or the runner leaves, is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.domain import strength
from app.domain.plans import PlannedCase, Shard
from app.domain.results import CaseFinished, Event
from app.domain.strength import CaseSummary
from worker.strength.measuring import Effort, Measuring, Player

#: The same changes each time, so that two measurements can be compared.
_SEED = 0


@dataclass(frozen=True, slots=True)
class Along:
    """Measures the cases of a shard as they end; `stopped` is asked often."""

    player: Player
    shard: Shard
    stopped: Callable[[], bool]
    clock: Callable[[], float]

    def following(self, case: PlannedCase, happenings: Iterator[Event]) -> Iterator[Event]:
        """The events of a case; its end, which waits for that, tells how strong its checks are."""
        told: list[Event] = []
        for event in happenings:
            told.append(event)
            if isinstance(event, CaseFinished):
                yield replace(event, strength=self._measured(case, told))
            else:
                yield event

    def _measured(self, case: PlannedCase, told: list[Event]) -> CaseSummary:
        seconds = self.shard.limits.case_seconds
        end = self.clock() + seconds

        def is_over() -> bool:
            return self.stopped() or self.clock() >= end

        effort = Effort(self.shard.changes, _SEED, seconds)
        measuring = Measuring(self.player, self.shard, effort, is_over, self.clock)
        return strength.summary(measuring.of(case, told))
