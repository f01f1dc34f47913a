"""How strong checks are, by what came of the changes that they should have noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import strength
from app.domain.outcomes import Outcome
from app.domain.strength import (
    CaseStrength,
    Change,
    CheckStrength,
    CheckSummary,
    Duty,
    Fate,
    Kind,
    Trial,
)

CHANGE = Change(Kind.NULLED, 0, "GET http://api.test/books", "/body/0", "null for 1")
DUTY = Duty("the body does not fit its schema", "#/paths/~1books/get")


def check(*fates: Fate, name: str = "test_it") -> CheckStrength:
    return CheckStrength(name, tuple(Trial(CHANGE, DUTY, fate, None) for fate in fates))


@given(st.lists(st.sampled_from(Fate), max_size=9))
def test_a_kill_rate_is_the_part_of_the_decided_trials_that_was_noticed(fates: list[Fate]) -> None:
    found = check(*fates)
    decided = [fate for fate in fates if fate is not Fate.UNDECIDED]

    assert (found.kill_rate is None) == (not decided)
    assert (found.kill_rate or 0) * len(decided) == pytest.approx(found.noticed)
    assert found.noticed + found.survived == len(decided)
    assert found.is_vacuous == (bool(decided) and found.noticed == 0)


def test_a_case_has_the_rate_of_all_its_trials() -> None:
    case = CaseStrength(
        "c1",
        "GET /books",
        (
            check(Fate.NOTICED, Fate.NOTICED, Fate.NOTICED),
            check(Fate.SURVIVED, name="test_vacuous"),
            check(Fate.UNDECIDED, name="test_undecided"),
            check(name="test_without"),
        ),
    )

    assert case.kill_rate == 0.75
    assert case.vacuous == ("test_vacuous",)
    assert CaseStrength("c2", "").kill_rate is None


@pytest.mark.parametrize(
    ("outcome", "is_off_record", "fate"),
    [
        (Outcome.FAILED, False, Fate.NOTICED),
        (Outcome.FAILED, True, Fate.NOTICED),
        (Outcome.ERRORED, False, Fate.NOTICED),
        (Outcome.ERRORED, True, Fate.UNDECIDED),
        (Outcome.PASSED, True, Fate.SURVIVED),
        (Outcome.SKIPPED, False, Fate.SURVIVED),
    ],
)
def test_what_an_outcome_says(outcome: Outcome, is_off_record: bool, fate: Fate) -> None:  # noqa: FBT001 - a parameter of the cases
    assert strength.fate_of(outcome, is_off_record=is_off_record) is fate


@pytest.mark.parametrize(
    ("rate", "told"),
    [(None, "-"), (1.0, "100.0 %"), (0.9999, "99.9 %"), (0.57, "57.0 %"), (0.0, "0.0 %")],
)
def test_a_rate_is_never_rounded_up(rate: float | None, told: str) -> None:
    assert strength.percent(rate) == told


def test_of_a_case_the_figures_are_kept_and_what_survived() -> None:
    weak = check(*[Fate.SURVIVED] * 9, Fate.UNDECIDED, name="test_weak")
    strong = check(Fate.NOTICED, Fate.NOTICED, name="test_strong")
    untried = CheckStrength("test_untried", untried=3, remark="It could not be replayed.")

    kept = strength.summary(CaseStrength("c1", "GET /books", (weak, strong, untried), "why"))

    assert (kept.noticed, kept.survived, kept.vacuous, kept.remark) == (2, 9, 1, "why")
    assert kept.kill_rate == 2 / 11
    assert kept.checks == (
        CheckSummary("test_weak", 0, 9, 1, 0, "", is_vacuous=True, survivors=weak.trials[:5]),
        CheckSummary("test_strong", 2, 0, 0, 0, "", is_vacuous=False, survivors=()),
        CheckSummary("test_untried", 0, 0, 0, 3, untried.remark, is_vacuous=False, survivors=()),
    )
