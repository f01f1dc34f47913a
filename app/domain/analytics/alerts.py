"""Alerts: limits that people set to figures of a suite, and whether they are passed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_MINUTE = 60
_HOUR = 60 * _MINUTE


class Kind(StrEnum):
    """Which figure, and on which side of the limit it must not be."""

    #: The share of checks that passed in the last run, 0 to 1.
    PASS_RATE_BELOW = "pass_rate_below"  # noqa: S105 - a figure, no password
    #: What 95 % of the last runs took at most, in seconds.
    P95_ABOVE = "p95_above"
    #: Seconds since a run ended.
    NO_RUN_SINCE = "no_run_since"
    #: How long the oldest work that no runner has begun has waited, in seconds.
    QUEUE_AGE_ABOVE = "queue_age_above"

    @property
    def is_of_operations(self) -> bool:
        """Whether an operation has such a figure of its own."""
        return self in {Kind.PASS_RATE_BELOW, Kind.P95_ABOVE}


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure and where it becomes an alert."""

    kind: Kind
    limit: float
    #: Whose figure; empty for the suite's.
    operation: str = ""

    def is_passed(self, value: float | None) -> bool:
        """Whether a figure is beyond the limit; one that there is not is none."""
        if value is None:
            return False
        return value < self.limit if self.kind is Kind.PASS_RATE_BELOW else value > self.limit

    @property
    def rule(self) -> str:
        """The rule in words: "p95 of GET /pets above 2 s"."""
        whose = f" of {self.operation}" if self.operation else ""
        return f"{_RULES[self.kind].format(whose)} {_worded(self.kind, self.limit)}"

    def text(self, value: float | None) -> str:
        """The figure in words."""
        if value is None:
            return "There is no figure yet."
        return _FIGURES[self.kind].format(_worded(self.kind, value))


_RULES = {
    Kind.PASS_RATE_BELOW: "pass rate{} below",
    Kind.P95_ABOVE: "p95{} above",
    Kind.NO_RUN_SINCE: "no run{} for",
    Kind.QUEUE_AGE_ABOVE: "queue age{} above",
}
_FIGURES = {
    Kind.PASS_RATE_BELOW: "In the last run {} of the checks passed.",
    Kind.P95_ABOVE: "95 % of the last runs took at most {}.",
    Kind.NO_RUN_SINCE: "No run has ended for {}.",
    Kind.QUEUE_AGE_ABOVE: "The oldest work that no runner has begun has waited {}.",
}


def _worded(kind: Kind, value: float) -> str:
    if kind is Kind.PASS_RATE_BELOW:
        return f"{value * 100:.3g} %"
    if value < 2 * _MINUTE:
        return f"{value:.3g} s"
    if value < 2 * _HOUR:
        return f"{value / _MINUTE:.3g} min"
    return f"{value / _HOUR:.3g} h"
