"""Checks are tried against their recording, one changed answer at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.domain.outcomes import Outcome
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CheckFinished, CheckStarted, Event
from app.domain.strength import CheckStrength, Fate
from tests.factories.exchanges import ORIGIN, exchange
from worker import evidence
from worker.strength.measuring import Effort, Measuring
from worker.strength.tape import Tape, Unrecorded

LIST = exchange("GET", "/books", 200)
SCRIPT = """
from testops import expect

def test_strong(api):
    expect.success(api.get("/books"), 200)

def test_vacuous(api):
    api.get("/books")
"""
SHARED = f"""
import pytest
{SCRIPT}
@pytest.fixture(scope="module")
def books(api):
    return api.get("/books")

def test_of_shared(api, books):
    expect.success(api.get("/books"), 200)
"""

#: A check, as what comes of it when it asks a tape; None where nothing is told of it.
Check = Callable[[Tape], Outcome | None]


def strong(tape: Tape) -> Outcome:
    answered = tape.answer(LIST)
    if isinstance(answered, Unrecorded):
        return Outcome.ERRORED
    return Outcome.PASSED if answered.status == 200 else Outcome.FAILED


def vacuous(tape: Tape) -> Outcome:
    tape.answer(LIST)
    return Outcome.PASSED


@dataclass
class Player:
    """Runs functions in place of a case's process."""

    checks: Mapping[str, Check]
    #: Why the case breaks from its second run on.
    broken: str = ""
    #: What red checks say.
    message: str = "and so on"
    #: For each run, how many answers of each check were changed.
    runs: list[dict[str, int]] = field(default_factory=list)
    limits: Limits = field(default_factory=Limits)

    def replay(
        self,
        case: PlannedCase,
        shard: Shard,
        tapes: Mapping[str, Tape],
        *,
        cancelled: Callable[[], bool],
    ) -> Iterator[Event]:
        assert not cancelled() or len(self.runs) == 0
        self.limits = shard.limits
        self.runs.append(
            {check: sum(each != LIST for each in tape.exchanges) for check, tape in tapes.items()}
        )
        for check, tape in tapes.items():
            outcome = self.checks[check](tape)
            if outcome is not None:
                yield CheckFinished(case.case_id, check, outcome, self._said(outcome))
        yield CaseFinished(case.case_id, Outcome.PASSED, self.broken if len(self.runs) > 1 else "")

    def _said(self, outcome: Outcome) -> str:
        return "" if outcome is Outcome.PASSED else f"{self.message}\nand more"


def case_of(script: str = SCRIPT) -> PlannedCase:
    return PlannedCase("c1", "GET /books", "test_books.py", script)


def recorded(*checks: str, outcome: Outcome = Outcome.PASSED) -> list[Event]:
    """The events of a run in which each check asked for the books once."""
    began = [CheckStarted("c1", check) for check in checks]
    return [*began, *(CheckFinished("c1", c, outcome, exchanges=(LIST,)) for c in checks)]


def measuring(player: Player, **more: object) -> Measuring:
    contract = (
        '{"contract": 1, "schemas": {}, "operations":'
        ' {"GET /books": {"pointer": "#/books", "responses": {}}}}'
    )
    shard = Shard("r1", 0, 1, Target(ORIGIN), (case_of(),), contract)
    return replace(Measuring(player, shard, Effort(12, 0, 60.0)), **more)  # type: ignore[arg-type] # fields of Measuring


def by_name(found: tuple[CheckStrength, ...]) -> dict[str, CheckStrength]:
    return {each.check: each for each in found}


def test_a_check_that_notices_everything_and_one_that_notices_nothing() -> None:
    player = Player({"test_strong": strong, "test_vacuous": vacuous})

    found = measuring(player).of(case_of(), recorded("test_strong", "test_vacuous"))

    checks = by_name(found.checks)
    assert found.vacuous == ("test_vacuous",)
    assert [t.fate for t in checks["test_strong"].trials] == [Fate.NOTICED, Fate.NOTICED]
    assert [t.change.told for t in checks["test_strong"].trials] == ["500 for 200", "202 for 200"]
    assert [t.message for t in checks["test_strong"].trials] == ["and so on", "and so on"]
    # Nothing of the other can be read: it is held to the least.
    assert [t.change.told for t in checks["test_vacuous"].trials] == ["500 for 200"]
    assert found.kill_rate == 2 / 3


def test_first_nothing_is_changed_and_then_one_answer_of_each_check() -> None:
    player = Player({"test_strong": strong, "test_vacuous": vacuous})

    measuring(player).of(case_of(), recorded("test_strong", "test_vacuous"))

    assert player.runs == [
        {"test_strong": 0, "test_vacuous": 0},
        {"test_strong": 1, "test_vacuous": 1},
        {"test_strong": 1},
    ]


def test_where_a_fixture_is_shared_one_answer_in_all_is_changed() -> None:
    names = ("test_strong", "test_of_shared")
    player = Player(dict.fromkeys(names, strong))

    found = measuring(player).of(case_of(SHARED), recorded(*names))

    assert [sum(run.values()) for run in player.runs] == [0, 1, 1, 1]
    assert all(set(run) == set(names) for run in player.runs)
    assert found.kill_rate == 1


def test_a_check_that_did_not_pass_is_not_tried() -> None:
    player = Player({"test_strong": strong})

    found = measuring(player).of(case_of(), recorded("test_strong", outcome=Outcome.SKIPPED))

    assert found.checks == (
        CheckStrength("test_strong", remark="It did not pass when it was recorded: skipped."),
    )
    assert found.kill_rate is None


def test_a_check_that_does_not_pass_though_nothing_is_changed_is_not_tried() -> None:
    def failing(_: Tape) -> Outcome:
        return Outcome.FAILED

    def silent(_: Tape) -> None:
        return None

    def stray(tape: Tape) -> Outcome:
        tape.answer(exchange("GET", "/members", 200))
        return Outcome.ERRORED

    remarks = []
    for check in (failing, silent, stray):
        player = Player({"test_strong": check})
        (one,) = measuring(player).of(case_of(), recorded("test_strong")).checks
        remarks.append(one.remark)
        assert (one.trials, one.untried, len(player.runs)) == ((), 0, 1)

    assert remarks == [
        "It could not be replayed: and so on",
        "It could not be replayed: nothing was told of it",
        f"It could not be replayed: GET {ORIGIN}/members was never recorded: it was not asked",
    ]


def test_what_asks_off_the_record_is_undecided() -> None:
    def stray(tape: Tape) -> Outcome:
        outcome = strong(tape)
        if outcome is Outcome.PASSED:
            return outcome
        tape.answer(exchange("GET", "/members", 200))
        return Outcome.ERRORED

    (one,) = measuring(Player({"test_strong": stray})).of(case_of(), recorded("test_strong")).checks

    assert {trial.fate for trial in one.trials} == {Fate.UNDECIDED}


def test_a_pass_that_only_the_engine_does_not_believe_is_a_pass_of_the_check() -> None:
    player = Player({"test_strong": strong}, message=f"{evidence.UNBORNE}: line 5.")

    (one,) = measuring(player).of(case_of(), recorded("test_strong")).checks

    assert {trial.fate for trial in one.trials} == {Fate.SURVIVED}


def test_a_case_that_breaks_decides_nothing_but_what_had_failed() -> None:
    def passing(_: Tape) -> Outcome:
        return Outcome.PASSED

    def gone(tape: Tape) -> Outcome | None:
        return Outcome.PASSED if strong(tape) is Outcome.PASSED else None

    fates = {}
    for check in (strong, passing, gone):
        player = Player({"test_strong": check}, broken="It was killed.")
        (one,) = measuring(player).of(case_of(), recorded("test_strong")).checks
        fates[check] = {(trial.fate, trial.message) for trial in one.trials}

    assert fates == {
        strong: {(Fate.NOTICED, "and so on")},
        passing: {(Fate.UNDECIDED, "It was killed.")},
        gone: {(Fate.UNDECIDED, "It was killed.")},
    }


def test_a_time_and_a_number_are_kept_to() -> None:
    """What was not tried is told to be untried."""
    times = iter([0.0, 1.0, 1.0, 99.0])
    late = measuring(Player({"test_strong": strong}), clock=lambda: next(times))
    few = measuring(Player({"test_strong": strong}), effort=Effort(1, 0, 60.0))

    for each in (late, few):
        (one,) = each.of(case_of(), recorded("test_strong")).checks
        assert (len(one.trials), one.untried) == (1, 1)


def test_a_cancelled_measurement_tries_nothing_more() -> None:
    player = Player({"test_strong": strong})

    found = measuring(player, cancelled=lambda: True).of(case_of(), recorded("test_strong"))

    (one,) = found.checks
    assert (len(player.runs), one.remark) == (1, "There was no time left to try it.")


def test_what_is_cancelled_before_it_was_replayed_says_so() -> None:
    player = Player({"test_strong": lambda _: Outcome.ERRORED})

    found = measuring(player, cancelled=lambda: True).of(case_of(), recorded("test_strong"))

    assert found.checks[0].remark == "It could not be replayed: there was no time left"


def test_a_replay_is_not_paced_and_its_checks_are_soon_ended() -> None:
    player = Player({"test_strong": strong})
    paced = measuring(player)
    shard = replace(paced.shard, limits=Limits(requests_per_second=1.0))

    replace(paced, shard=shard).of(case_of(), recorded("test_strong"))

    assert (player.limits.requests_per_second, player.limits.check_seconds) == (0.0, 10.0)


def test_a_case_without_checks_has_no_strength() -> None:
    player = Player({})

    remarks = []
    for script, message in [("def broken(:", ""), ("def broken(:", "Broke."), (SCRIPT, "Broke.")]:
        end = CaseFinished("c1", Outcome.ERRORED, message)
        found = measuring(player).of(case_of(script), [CheckStarted("c1", "test_strong"), end])
        assert (found.checks, found.kill_rate) == ((), None)
        remarks.append(found.remark)
    assert player.runs == []
    assert remarks == ["SyntaxError: invalid syntax (line 1)", "Broke.", "Broke."]
