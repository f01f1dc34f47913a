"""What the README says of the demo: no false alarm with every fault off, and which faults show."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from contextlib import AbstractContextManager

import pytest

from app.domain import strength
from app.domain.outcomes import Outcome
from app.openapi import loading
from demo import description as served
from demo import switches
from demo.application import create_app
from demo.faults import Fault
from tests import scans
from tests.scans import Written
from tests.serving import serving
from tests.shared_material import ROOT
from worker.engine import Engine
from worker.strength.measuring import Effort, Measuring

pytestmark = pytest.mark.xdist_group("demo")

DESCRIPTION = json.dumps(served.document()).encode()


def demo(*faults: Fault) -> AbstractContextManager[str]:
    """The demo on loopback; gives its base URL."""
    return serving(create_app(faults, lambda: dt.date(2026, 5, 4)))


@pytest.fixture(scope="module")
def suite() -> Written:
    return scans.written(DESCRIPTION)


def test_the_description_loads_without_a_problem() -> None:
    description = loading.load_bytes(DESCRIPTION, origin="http://127.0.0.1:5050/openapi.json")
    assert description.problems == ()
    assert len(description.operations) == len(list(served.routes()))


def test_with_every_fault_off_nothing_fails_however_often(engine: Engine, suite: Written) -> None:
    with demo() as base_url:
        for _ in range(2):
            checks = scans.executed(engine, suite, base_url)
            assert scans.red(checks) == []
            assert {each.case_id for each in checks} == {case.case_id for case in suite.cases}


@pytest.mark.parametrize("fault", switches.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_exactly_where_its_table_says_so(
    engine: Engine, suite: Written, fault: Fault
) -> None:
    with demo(fault) as base_url:
        checks = scans.executed(engine, suite, base_url, operations=[fault.operation])
    outcomes = Counter(check.outcome for check in checks)
    assert (outcomes[Outcome.FAILED] > 0) == fault.found
    assert outcomes[Outcome.ERRORED] == 0


def test_the_written_checks_notice_what_they_should(engine: Engine, suite: Written) -> None:
    """Of a reading, a changing and a deleting case, each check with a few changed answers."""
    found = []
    for operation in ("GET /books", "DELETE /books/{bookId}", "POST /loans"):
        with demo() as base_url:
            shard = scans.shard(suite, base_url, operations=[operation])
            recorded = list(engine.execute(shard))
        [case] = shard.cases
        found.append(Measuring(engine, shard, Effort(4, 0, 60.0)).of(case, recorded))
    checks = [check for case in found for check in case.checks]
    assert {check.remark for check in checks} == {""}
    assert [case.vacuous for case in found] == [(), (), ()]
    assert (strength.kill_rate(checks) or 0) > 0.95
    assert all(check.noticed for check in checks)


def readme() -> str:
    """The README's words on one line."""
    return " ".join((ROOT / "README.md").read_text().split())


def test_the_readme_tells_how_many_faults_are_found() -> None:
    every, found = len(switches.FAULTS), sum(fault.found for fault in switches.FAULTS)
    assert found == every
    assert f"It has {every} deliberate faults, and a scan finds all {found} of them" in readme()


def test_the_readme_tells_what_a_first_scan_shows(engine: Engine, suite: Written) -> None:
    with demo(*switches.FAULTS) as base_url:
        checks = scans.executed(engine, suite, base_url)
    red = [check for check in checks if check.outcome is Outcome.FAILED]
    cases = len(suite.cases)
    told = f"The demo's {cases} operations get {len(checks)} checks, and {len(red)} of them"
    assert told in readme()
