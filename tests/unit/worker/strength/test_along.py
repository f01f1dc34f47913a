"""A case that is measured ends with how strong its checks are, and in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from app.domain.outcomes import Outcome
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CaseStarted, CheckFinished, CheckStarted, Event
from app.domain.strength import CaseSummary
from tests.factories.exchanges import ORIGIN, exchange
from worker.strength.along import Along
from worker.strength.tape import Tape

LIST = exchange("GET", "/books", 200)
SCRIPT = """
from testops import expect

def test_list(api):
    expect.success(api.get("/books"), 200)
"""
CASE = PlannedCase("c1", "GET /books", "test_books.py", SCRIPT)
EVENTS: list[Event] = [
    CaseStarted("c1"),
    CheckStarted("c1", "test_list"),
    CheckFinished("c1", "test_list", Outcome.PASSED, exchanges=(LIST,)),
    CaseFinished("c1", Outcome.PASSED, duration_seconds=0.5),
]


class Player:
    """Plays a check that notices a change; each time takes so many seconds."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.now = 0.0
        self.plays = 0

    def clock(self) -> float:
        return self.now

    def replay(
        self,
        case: PlannedCase,
        shard: Shard,
        tapes: Mapping[str, Tape],
        *,
        cancelled: Callable[[], bool],
    ) -> Iterator[Event]:
        assert not cancelled()
        assert shard.limits.requests_per_second == 0
        self.now += self.seconds
        self.plays += 1
        is_same = tapes["test_list"].exchanges == (LIST,)
        yield CheckFinished(case.case_id, "test_list", _outcome(is_same=is_same))


def _outcome(*, is_same: bool) -> Outcome:
    return Outcome.PASSED if is_same else Outcome.FAILED


def told(player: Player, stopped: Callable[[], bool] = lambda: False) -> CaseSummary:
    shard = Shard("r1", 0, 1, Target(ORIGIN), (CASE,), "{}", Limits(case_seconds=10), changes=5)
    *before, end = Along(player, shard, stopped, player.clock).following(CASE, iter(EVENTS))
    assert before == EVENTS[:-1]
    assert isinstance(end, CaseFinished)
    assert replace(end, strength=None) == EVENTS[-1]
    assert end.strength is not None
    return end.strength


def test_the_end_of_a_case_tells_how_strong_it_is() -> None:
    found = told(Player())
    assert (found.noticed, found.survived, found.checks[0].untried) == (2, 0, 0)


def test_measuring_takes_no_longer_than_a_case_may() -> None:
    """What the end of the time ended half-way is untried too."""
    player = Player(seconds=4.0)
    found = told(player)
    assert (player.plays, found.noticed, found.checks[0].untried) == (3, 1, 1)


def test_nothing_more_is_tried_when_the_runner_leaves() -> None:
    player = Player()
    found = told(player, lambda: player.plays > 0)
    assert (player.plays, found.noticed) == (1, 0)
    assert found.checks[0].remark == "There was no time left to try it."
