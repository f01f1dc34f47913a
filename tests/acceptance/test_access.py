"""Who may do what: nothing fails on a correct API, whatever proves who asks, and faults show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import cycle

import pytest

from app.ai import contracts, offline
from app.domain.network import NetworkPolicy
from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard, Target
from app.domain.results import CheckFinished
from app.openapi import loading
from tests.fakes import ledger
from worker.engine import Engine

pytestmark = pytest.mark.xdist_group("access")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as warm:
        yield warm


@cache
def written(scheme: str) -> tuple[list[PlannedCase], str]:
    """The cases, and the contract."""
    described = loading.load_bytes(ledger.description(scheme), origin="http://a.test/openapi.json")
    cases = [
        PlannedCase(case.module, case.operation, case.module, case.script)
        for case in offline.write_suite(described)
    ]
    return cases, json.dumps(contracts.contract_of(described))


#: What is asked in every way: all are asked alike.
SOME = ("GET /me", "GET /invoices", "DELETE /invoices/{invoice_id}")


def executed(engine: Engine, scheme: str, base_url: str, *operations: str) -> list[CheckFinished]:
    """Every check's end: of some operations, or of all."""
    cases, contract = written(scheme)
    users = {name: ledger.proof(scheme, name) for name in ("mia", "tom")}
    shard = Shard(
        run_id="access",
        number=0,
        attempt=1,
        target=Target(base_url, network=NetworkPolicy(("127.0.0.1",)), identities=users),
        cases=tuple(case for case in cases if not operations or case.operation in operations),
        contract=contract,
    )
    return [event for event in engine.execute(shard) if isinstance(event, CheckFinished)]


@pytest.mark.parametrize("scheme", ledger.SCHEMES)
def test_nothing_fails_where_everybody_gets_what_is_theirs(engine: Engine, scheme: str) -> None:
    with ledger.served(scheme) as base_url:
        checks = executed(engine, scheme, base_url, *(SOME if scheme != "oauth2" else ()))

    outcomes = [each.outcome for each in checks]
    assert [each for each in checks if each.outcome in {Outcome.FAILED, Outcome.ERRORED}] == []
    assert outcomes.count(Outcome.PASSED) > outcomes.count(Outcome.SKIPPED) * 8


@pytest.mark.parametrize(("fault", "scheme"), [*zip(ledger.FAULTS, cycle(ledger.SCHEMES))])
def test_a_fault_shows(engine: Engine, fault: str, scheme: str) -> None:
    """Each way to prove who asks has its turn."""
    with ledger.served(scheme, fault) as base_url:
        checks = executed(engine, scheme, base_url, ledger.FAULTS[fault])

    assert Outcome.FAILED in {each.outcome for each in checks}
