"""An engine and a target for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.behaviour.worker.support import TargetServer, target_server
from worker.engine import Engine
from worker.gateway.gateway import Timeouts


def measured() -> dict[str, str]:
    """What lets coverage measure the engine's processes, where it runs."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    timeouts = Timeouts(connect=5, answer=5)
    with Engine(plugins=(), environment=measured(), timeouts=timeouts) as engine:
        yield engine


@pytest.fixture
def target() -> Iterator[TargetServer]:
    with target_server() as server:
        yield server
