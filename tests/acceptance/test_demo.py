"""What the README says of the demo: no false alarm with every fault off, and which faults show."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from werkzeug.serving import make_server

from app.ai import contracts, offline
from app.ai.offline import WrittenCase
from app.domain import strength
from app.domain.network import NetworkPolicy
from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard, Target
from app.domain.results import CheckFinished
from app.openapi import loading
from app.openapi.model import ApiDescription
from demo import description as served
from demo import switches
from demo.application import create_app
from demo.faults import Fault
from tests.shared_material import ROOT
from worker.engine import Engine
from worker.strength.measuring import Effort, Measuring

pytestmark = pytest.mark.xdist_group("demo")


@contextmanager
def demo(faults: tuple[Fault, ...]) -> Iterator[str]:
    """The demo on loopback; gives its base URL."""
    app = create_app(faults, lambda: dt.date(2026, 5, 4))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def description() -> ApiDescription:
    data = json.dumps(served.document()).encode()
    return loading.load_bytes(data, origin="http://127.0.0.1:5050/openapi.json")


@pytest.fixture(scope="module")
def cases(description: ApiDescription) -> dict[str, WrittenCase]:
    """The written cases by their operations."""
    return {case.operation: case for case in offline.write_suite(description)}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as warm:
        yield warm


def executed(
    engine: Engine, description: ApiDescription, cases: list[WrittenCase], base_url: str
) -> list[CheckFinished]:
    """Every check's end."""
    shard = Shard(
        run_id="demo",
        number=0,
        attempt=1,
        target=Target(base_url, network=NetworkPolicy(("127.0.0.1",))),
        cases=tuple(PlannedCase(c.module, c.operation, c.module, c.script) for c in cases),
        contract=json.dumps(contracts.contract_of(description)),
    )
    return [event for event in engine.execute(shard) if isinstance(event, CheckFinished)]


def test_the_description_loads_without_a_problem(description: ApiDescription) -> None:
    assert description.problems == ()
    assert len(description.operations) == len(list(served.routes()))


def test_with_every_fault_off_nothing_fails_however_often(
    engine: Engine, description: ApiDescription, cases: dict[str, WrittenCase]
) -> None:
    with demo(()) as base_url:
        for _ in range(2):
            checks = executed(engine, description, list(cases.values()), base_url)
            red = [c for c in checks if c.outcome in {Outcome.FAILED, Outcome.ERRORED}]
            assert red == []
            assert {c.case_id for c in checks} == {case.module for case in cases.values()}


@pytest.mark.parametrize("fault", switches.FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_exactly_where_its_table_says_so(
    engine: Engine, description: ApiDescription, cases: dict[str, WrittenCase], fault: Fault
) -> None:
    with demo((fault,)) as base_url:
        checks = executed(engine, description, [cases[fault.operation]], base_url)
    assert (Outcome.FAILED in {check.outcome for check in checks}) == fault.found
    assert Outcome.ERRORED not in {check.outcome for check in checks}


def test_the_written_checks_notice_what_they_should(
    engine: Engine, description: ApiDescription, cases: dict[str, WrittenCase]
) -> None:
    """Of a reading, a changing and a deleting case, each check with a few changed answers."""
    found = []
    contract = json.dumps(contracts.contract_of(description))
    chosen = [cases[key] for key in ("GET /books", "DELETE /books/{bookId}", "POST /loans")]
    for written in chosen:
        case = PlannedCase(written.module, written.operation, written.module, written.script)
        with demo(()) as base_url:
            target = Target(base_url, network=NetworkPolicy(("127.0.0.1",)))
            shard = Shard("strength", 0, 1, target, (case,), contract)
            recorded = list(engine.execute(shard))
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


def test_the_readme_tells_what_a_first_scan_shows(
    engine: Engine, description: ApiDescription, cases: dict[str, WrittenCase]
) -> None:
    with demo(tuple(switches.FAULTS)) as base_url:
        checks = executed(engine, description, list(cases.values()), base_url)
    red = [check for check in checks if check.outcome is Outcome.FAILED]
    told = f"The demo's {len(cases)} operations get {len(checks)} checks, and {len(red)} of them"
    assert told in readme()
