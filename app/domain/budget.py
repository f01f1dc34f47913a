"""What asking models may take, and what stands against asking once more. Pure.

A budget is looked at before a question and charged after the answer: what one answer takes is not
known before. So it is exceeded by one answer at most, where questions are asked one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

#: Money is counted in whole millionths of a US dollar.
MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """What a suite may take; 0 tokens or dollars for nothing at all."""

    tokens_per_month: int
    micros_per_month: int
    requests_per_minute: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What a suite has taken so far."""

    #: In this month.
    tokens: int = 0
    micros: int = 0
    #: In the last minute.
    requests: int = 0
    #: How long ago the oldest of them was asked.
    oldest_seconds: float = 0.0


def objection(budget: Budget, spent: Spent) -> str:
    """Why no question may be asked any more this month; empty where one may."""
    if spent.tokens >= budget.tokens_per_month:
        return f"the suite's {budget.tokens_per_month} tokens of this month are spent"
    if spent.micros >= budget.micros_per_month:
        return f"the suite's {dollars(budget.micros_per_month)} of this month are spent"
    return ""


def pause_seconds(budget: Budget, spent: Spent) -> float:
    """How long to wait, so that a minute has no more requests than it may; 0 for not at all."""
    if spent.requests < budget.requests_per_minute:
        return 0.0
    return max(60.0 - spent.oldest_seconds, 0.05)


def cost_micros(input_tokens: int, output_tokens: int, price: tuple[Decimal, Decimal]) -> int:
    """What tokens cost, rounded up; `price` is dollars for a million of each kind."""
    exact = input_tokens * price[0] + output_tokens * price[1]
    return int(exact.to_integral_value(rounding="ROUND_CEILING"))


def dollars(micros: int) -> str:
    """An amount for people: "$0.0125"."""
    amount = Decimal(micros) / MICROS
    return f"${amount:.4f}" if micros % 10_000 else f"${amount:.2f}"
