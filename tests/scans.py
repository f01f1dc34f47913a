"""Tests that are written offline, run by the engine against an API on loopback."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.ai import contracts, offline
from app.domain.network import NetworkPolicy
from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard, Target
from app.domain.results import CheckFinished
from app.openapi import loading
from worker.engine import Engine


@dataclass(frozen=True, slots=True)
class Written:
    """The cases of a description, and their contract."""

    cases: tuple[PlannedCase, ...]
    contract: str


def written(description: bytes) -> Written:
    """What the offline writer makes of a description."""
    described = loading.load_bytes(description, origin="http://127.0.0.1/openapi.json")
    cases = (
        PlannedCase(case.module, case.operation, case.module, case.script)
        for case in offline.write_suite(described)
    )
    return Written(tuple(cases), json.dumps(contracts.contract_of(described)))


def shard(
    suite: Written,
    base_url: str,
    *,
    operations: Collection[str] = (),
    users: Mapping[str, Mapping[str, str]] | None = None,
) -> Shard:
    """The cases of some operations, or of all."""
    return Shard(
        run_id="scan",
        number=0,
        attempt=1,
        target=Target(
            base_url, network=NetworkPolicy(("127.0.0.1",)), identities=dict(users or {})
        ),
        cases=tuple(case for case in suite.cases if not operations or case.operation in operations),
        contract=suite.contract,
    )


def executed(
    engine: Engine,
    suite: Written,
    base_url: str,
    *,
    operations: Collection[str] = (),
    users: Mapping[str, Mapping[str, str]] | None = None,
) -> list[CheckFinished]:
    """Every check's end: of some operations, or of all."""
    asked = shard(suite, base_url, operations=operations, users=users)
    return [event for event in engine.execute(asked) if isinstance(event, CheckFinished)]


def red(checks: Sequence[CheckFinished]) -> list[CheckFinished]:
    """The checks that failed, or of which nobody can tell."""
    return [check for check in checks if check.outcome in {Outcome.FAILED, Outcome.ERRORED}]
