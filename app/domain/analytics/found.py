"""What a run showed when it was counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from app.domain.analytics.anomalies import Anomaly
from app.domain.analytics.flakiness import Quarantine
from app.domain.analytics.track import Freshness, Good, Streak
from app.domain.analytics.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """A red result, and what is made of it."""

    result_id: str
    operation: str
    #: Empty where the module itself broke.
    check: str
    verdict: Verdict
    fingerprint: str
    #: What failures with this fingerprint are called.
    title: str
    freshness: Freshness
    since: Streak
    last_good: Good | None


@dataclass(frozen=True, slots=True)
class Strange:
    """Something unusual; the operation is empty for the suite, the check for the operation."""

    operation: str
    check: str
    anomaly: Anomaly


@dataclass(frozen=True, slots=True)
class Confined:
    """A check that went into quarantine."""

    operation: str
    check: str
    quarantine: Quarantine


@dataclass(frozen=True, slots=True)
class Found:
    """All of it; empty at first."""

    findings: list[Finding] = field(default_factory=list)
    strange: list[Strange] = field(default_factory=list)
    confined: list[Confined] = field(default_factory=list)
    #: Checks by how they compare with their last run.
    freshness: Counter[Freshness] = field(default_factory=Counter)
