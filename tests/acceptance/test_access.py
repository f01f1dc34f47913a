"""Who may do what: nothing fails on a correct API, whatever proves who asks, and faults show."""

from __future__ import annotations

from functools import cache
from itertools import cycle

import pytest

from app.domain.outcomes import Outcome
from app.domain.results import CheckFinished
from tests import scans
from tests.fakes import ledger
from tests.serving import serving
from worker.engine import Engine

pytestmark = pytest.mark.xdist_group("access")

#: What is asked in every way: all are asked alike.
SOME = ("GET /me", "GET /invoices", "DELETE /invoices/{invoice_id}")


@cache
def written(scheme: str) -> scans.Written:
    return scans.written(ledger.description(scheme))


def executed(engine: Engine, scheme: str, *operations: str, fault: str = "") -> list[CheckFinished]:
    """Every check's end, as two users of an API with this fault."""
    users = {name: ledger.proof(scheme, name) for name in ("mia", "tom")}
    with serving(ledger.application(scheme, fault)) as base_url:
        return scans.executed(engine, written(scheme), base_url, operations=operations, users=users)


@pytest.mark.parametrize("scheme", ledger.SCHEMES)
def test_nothing_fails_where_everybody_gets_what_is_theirs(engine: Engine, scheme: str) -> None:
    checks = executed(engine, scheme, *(SOME if scheme != "oauth2" else ()))

    outcomes = [each.outcome for each in checks]
    assert scans.red(checks) == []
    assert outcomes.count(Outcome.PASSED) > outcomes.count(Outcome.SKIPPED) * 8


@pytest.mark.parametrize(("fault", "scheme"), [*zip(ledger.FAULTS, cycle(ledger.SCHEMES))])
def test_a_fault_shows(engine: Engine, fault: str, scheme: str) -> None:
    """Each way to prove who asks has its turn."""
    checks = executed(engine, scheme, ledger.FAULTS[fault], fault=fault)

    assert Outcome.FAILED in {each.outcome for each in checks}
