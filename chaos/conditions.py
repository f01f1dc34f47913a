"""What must hold while something is broken, and once it is mended; asked of metrics.

Prometheus answers a question with a number, with nothing (no such series) or with NaN (a share of
nothing). The latter two are no good news: a condition says itself where silence is fine.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

#: A question in PromQL to its answer, None for no data. May raise OSError.
Ask: TypeAlias = Callable[[str], float | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """A number that must not be larger than a limit."""

    name: str
    #: In PromQL, one series or none; `$of` stands for matchers that pick the platform.
    query: str
    most: float
    #: Whether no data, or NaN, is as good as 0.
    may_be_silent: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A condition and what was measured."""

    condition: Condition
    #: None where there was no answer.
    value: float | None

    @property
    def holds(self) -> bool:
        """Whether the condition holds; not without an answer, unless silence is fine."""
        if self.value is None or math.isnan(self.value):
            return self.condition.may_be_silent
        return self.value <= self.condition.most


_GIVEN_UP: Final = Condition(
    "no message was given up within two minutes",
    # Not increase(): the first message that a process gives up makes the series, which then has
    # never increased.
    "sum(testops_dead_letters_total{$of} or vector(0))"
    " - sum(testops_dead_letters_total{$of} offset 2m or vector(0))",
    most=0,
)
_REFUSED: Final = Condition(
    "fewer than one in twenty requests ends in a server error",
    'sum(rate(flask_http_request_total{status=~"5..", $of}[1m]))'
    " / sum(rate(flask_http_request_total{$of}[1m]))",
    most=0.05,
    may_be_silent=True,
)

#: While something is broken. One that does not hold aborts the experiment.
BEARABLE: Final = (_GIVEN_UP, _REFUSED)

#: Before an experiment, and again within its time to recover.
STEADY: Final = (
    _GIVEN_UP,
    _REFUSED,
    Condition("every process answers Prometheus", "count(up{$of} == 0) or vector(0)", most=0),
    Condition(
        "work is begun within 30 s",
        "max(testops_suite_queue_age_seconds{$of})",
        most=30,
        # Where nothing waits nothing has an age.
        may_be_silent=True,
    ),
    Condition("the outbox is taken away", "max(testops_outbox_messages{$of})", most=50),
)


def read(conditions: Iterable[Condition], ask: Ask, matchers: str = "") -> list[Reading]:
    """Ask for each of the conditions, of what has labels that match (PromQL, `namespace="x"`).

    Where Prometheus cannot be asked there is no answer.
    """
    return [Reading(each, _answer(each.query, ask, matchers)) for each in conditions]


def _answer(query: str, ask: Ask, matchers: str) -> float | None:
    try:
        return ask(string.Template(query).substitute(of=matchers))
    except OSError:
        return None
