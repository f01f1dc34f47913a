"""A circuit breaker: who fails again and again is left in peace for a while. Pure.

Closed, everything passes. After some failures in a row it opens, and nothing passes. After a pause
one attempt may pass: its success closes the breaker, its failure opens it again.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Failures in a row that open it; each has been tried again before it counts.
FAILURES = 2
PAUSE_SECONDS = 60.0


@dataclass(slots=True)
class Breaker:
    """Moments are seconds of a monotonic clock."""

    failures: int = 0
    #: When it opened, or when the last attempt since then began.
    opened_at: float = 0.0
    #: What was wrong the last time.
    reason: str = ""

    def lets_pass(self, now: float) -> bool:
        """Whether an attempt may be made; one that may in an open breaker is its only one."""
        if self.failures < FAILURES:
            return True
        if now - self.opened_at < PAUSE_SECONDS:
            return False
        self.opened_at = now
        return True

    def succeeded(self) -> None:
        """Take note of an attempt that went well."""
        self.failures = 0

    def failed(self, now: float, reason: str) -> None:
        """Take note of one that did not, and why."""
        self.failures += 1
        self.opened_at = now
        self.reason = reason
