"""The ten faults that fuzzers miss are found, with few requests."""

from __future__ import annotations

import json

import pytest
from flask import Response

from app.domain.outcomes import Outcome
from bench.generation import parts
from tests import scans
from tests.serving import serving
from worker.engine import Engine

pytestmark = pytest.mark.xdist_group("access")

#: What a scan may ask of five operations.
MOST_REQUESTS = 300


@pytest.fixture(scope="module")
def suite() -> scans.Written:
    return scans.written(json.dumps(parts.DESCRIPTION).encode())


def test_nothing_fails_where_nothing_is_wrong(engine: Engine, suite: scans.Written) -> None:
    app, asked = parts.create_app(None), []

    @app.after_request
    def count(response: Response) -> Response:
        asked.append(response.status_code)
        return response

    with serving(app) as base_url:
        checks = scans.executed(engine, suite, base_url)

    outcomes = [each.outcome for each in checks]
    assert scans.red(checks) == []
    assert outcomes.count(Outcome.PASSED) > outcomes.count(Outcome.SKIPPED) * 20
    assert len(asked) < MOST_REQUESTS


@pytest.mark.parametrize("fault", parts.Fault, ids=lambda fault: fault.name)
def test_a_fault_shows_where_it_is(
    engine: Engine, suite: scans.Written, fault: parts.Fault
) -> None:
    operation = fault.value.partition(":")[0]
    with serving(parts.create_app(fault)) as base_url:
        checks = scans.executed(engine, suite, base_url, operations=[operation])

    assert Outcome.FAILED in {each.outcome for each in checks}
    assert Outcome.ERRORED not in {each.outcome for each in checks}
