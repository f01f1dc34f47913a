"""A run made self-contained: what a worker needs to execute it without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.network import NetworkPolicy


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one case."""

    #: Wall time of one case; past it everything the case started is killed.
    case_seconds: float = 60.0
    #: Wall time of one check; past it the check is interrupted and the case goes on.
    check_seconds: float = 30.0
    #: CPU time of one case.
    cpu_seconds: int = 60
    #: Address space of the process of one case.
    memory_bytes: int = 2 * 1024**3
    #: What one case may print before the rest is dropped.
    output_bytes: int = 64 * 1024
    #: How much of a request or response body is kept with an exchange.
    body_bytes: int = 16 * 1024
    #: How many requests one runner sends for one run in a second, on average; 0 for any number.
    requests_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One pytest module as it will be executed."""

    case_id: str
    #: "GET /pets/{petId}"
    operation: str
    #: File name of the module: "test_get_pets_petid.py".
    module: str
    #: Python source of the module.
    script: str


@dataclass(frozen=True, slots=True)
class Target:
    """The API that is tested: where it is, what requests carry, what scripts may use."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    #: By name. A script uses them without ever seeing one: see `worker.gateway.placeholders`.
    secrets: Mapping[str, str] = field(default_factory=dict)
    network: NetworkPolicy = field(default_factory=NetworkPolicy)
    #: Users of the API by name, the main one first: each with the headers that prove who asks, or
    #: with what a token is got for (see app.domain.grants).
    identities: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shard:
    """The slice of a run that one task takes."""

    run_id: str
    number: int
    #: Counts from 1; a shard that went stale is published again with the next attempt.
    attempt: int
    target: Target
    cases: tuple[PlannedCase, ...]
    #: JSON text of the contract (see testops.contract), limited to the operations of the cases.
    contract: str
    limits: Limits = field(default_factory=Limits)
    #: How often a check that is red is run again. Its outcome stays what it was at first.
    retries: int = 0
    #: Whether what a case creates and does not delete is deleted after it.
    cleans_up: bool = True
    #: How many changed answers each check is tried with after its case has run, to measure its
    #: strength (see `worker.strength`); 0 where that is not asked for.
    changes: int = 0
