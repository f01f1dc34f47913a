"""The shapes of what REST v1 tells of analytics."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from app.domain.analytics.verdicts import Cause
from app.services.analytics import verdicts
from app.services.analytics.figures import Chosen
from app.views.api.shapes import Answered, Asked, ItemPath, PageQuery


class ResultPath(ItemPath):
    """A result of a run in a path."""

    result_id: str


class CheckQuery(PageQuery):
    """Which checks of a suite."""

    chosen: Chosen = Field(default=Chosen.ALL, description="Red when they ran last, …")


class Figures(Answered):
    """What is known over all runs; rates and durations are of the last 30."""

    runs: int
    passed: int = Field(description="Runs in which nothing was red.")
    pass_rate: float | None
    flip_rate: float = Field(description="How often the outcome changed from run to run.")
    p50_seconds: float | None
    p95_seconds: float | None
    last_run_id: str
    last_passed_run_id: str | None
    last_passed_at: dt.datetime | None
    failing_since_run_id: str | None = Field(description="First bad run; null while green.")
    failing_since: dt.datetime | None


class SuiteFigures(BaseModel):
    """What is known of a suite."""

    checks: int
    red: int = Field(description="Without those in quarantine.")
    quarantined: int
    whole_runs: Figures | None = Field(description="Null before the first one was counted.")


class OperationFigures(Figures):
    """What is known of an operation."""

    operation: str


class CheckFigures(OperationFigures):
    """What is known of a check."""

    id: str | None
    check: str
    last_outcome: str
    last_result_id: str | None = Field(description="While it is red.")
    fingerprint: str
    quarantined_at: dt.datetime | None
    quarantined_until: dt.datetime | None
    quarantine_reason: str


class Evidence(Answered):
    """Something that speaks for a cause."""

    cause: Cause
    weight: int
    text: str


class Corrected(Answered):
    """What somebody said of a failure."""

    cause: Cause
    note: str
    at: dt.datetime


class Verdict(Answered):
    """Why a check of a run is red."""

    result_id: str
    operation: str
    check: str
    cause: Cause = Field(description="What holds: what somebody said, else what was found.")
    found: Cause
    reason: str
    evidence: list[Evidence]
    fingerprint: str
    freshness: str = Field(description='"new" or "known".')
    since: dt.datetime
    since_run_id: str
    last_good_at: dt.datetime | None
    last_good_run_id: str | None
    correction: Corrected | None


class Correction(Asked):
    """What a failure has its reason in."""

    cause: Cause
    note: str = Field(default="", max_length=verdicts.MAX_NOTE)


class FailureGroup(Answered):
    """A failure, however often and wherever it came."""

    fingerprint: str
    title: str
    results: int
    runs: int
    first_run_id: str
    first_at: dt.datetime
    last_run_id: str
    last_at: dt.datetime


class Anomaly(Answered):
    """A value that is far from what it was before."""

    run_id: str
    operation: str = Field(description="Empty for the suite as a whole.")
    check: str = Field(description="Empty for the operation as a whole.")
    measure: str = Field(description='"duration" in seconds, or "pass_rate" from 0 to 1.')
    value: float
    median: float
    spread: float = Field(description="Median absolute deviation.")
    sample: int
    at: dt.datetime


class Share(Answered):
    """How many of what is documented were seen."""

    seen: int
    documented: int
    rate: float | None


class CoverageSummary(Answered):
    """How much of its API description a suite covers."""

    operations: Share
    statuses: Share
    parameters: Share


class CoverageCell(BaseModel):
    """Requests that sent a parameter and were answered so."""

    parameter: str = Field(description="Empty for any request.")
    status: str = Field(description="As it is documented; empty where it is not.")
    requests: int


class OperationCoverage(BaseModel):
    """What was seen of an operation."""

    operation: str
    requests: int
    statuses: list[str] = Field(description="Documented.")
    statuses_seen: list[str]
    parameters: list[str] = Field(description="Documented.")
    parameters_sent: list[str]
    undocumented: dict[int, int] = Field(description="Status to how many requests.")
    cells: list[CoverageCell]
