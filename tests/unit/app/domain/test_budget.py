from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import budget
from app.domain.budget import Budget, Spent

BUDGET = Budget(tokens_per_month=1000, micros_per_month=2_000_000, requests_per_minute=3)


@pytest.mark.parametrize(
    ("spent", "reason"),
    [
        (Spent(), ""),
        (Spent(tokens=999, micros=1_999_999), ""),
        (Spent(tokens=1000), "the suite's 1000 tokens of this month are spent"),
        (Spent(micros=2_000_000), "the suite's $2.00 of this month are spent"),
    ],
)
def test_it_says_what_is_spent(spent: Spent, reason: str) -> None:
    assert budget.objection(BUDGET, spent) == reason


@given(st.lists(st.integers(0, 5000), max_size=30))
def test_it_is_exceeded_by_one_answer_at_most(answers: list[int]) -> None:
    spent = 0
    for tokens in answers:
        if budget.objection(BUDGET, Spent(tokens=spent)):
            break
        before, spent = spent, spent + tokens
        assert before < BUDGET.tokens_per_month


@pytest.mark.parametrize(
    ("spent", "seconds"),
    [
        (Spent(requests=2, oldest_seconds=1.0), 0.0),
        (Spent(requests=3, oldest_seconds=15.0), 45.0),
        (Spent(requests=9, oldest_seconds=60.0), 0.05),
    ],
)
def test_a_minute_has_no_more_requests_than_it_may(spent: Spent, seconds: float) -> None:
    assert budget.pause_seconds(BUDGET, spent) == seconds


def test_a_cost_is_rounded_up() -> None:
    price = (Decimal("0.30"), Decimal("2.50"))
    assert budget.cost_micros(1_000_000, 1_000_000, price) == 2_800_000
    assert budget.cost_micros(1, 0, price) == 1


@pytest.mark.parametrize(
    ("micros", "text"), [(0, "$0.00"), (5_000_000, "$5.00"), (1234, "$0.0012")]
)
def test_dollars_are_told_for_people(micros: int, text: str) -> None:
    assert budget.dollars(micros) == text
