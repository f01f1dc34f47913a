"""An engine and a target for the tests of this folder."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import pytest

from tests.behaviour.worker.support import LIGHT, TargetServer, target_server
from worker.engine import Engine
from worker.gateway.upstream import Timeouts


def measured() -> dict[str, str]:
    """What lets coverage measure the engine's processes, where it runs."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


class Clock:
    """A monotonic clock that can be made to run faster, so that no test waits for a limit."""

    def __init__(self) -> None:
        self.speed = 1.0
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self._shown = 0.0

    def __call__(self) -> float:
        with self._lock:
            now = time.monotonic()
            self._shown += (now - self._last) * self.speed
            self._last = now
            return self._shown

    def leap(self, seconds: float) -> None:
        """So much time passes at once."""
        with self._lock:
            self._shown += seconds


@pytest.fixture(scope="session")
def engines_clock() -> Clock:
    return Clock()


@pytest.fixture
def clock(engines_clock: Clock) -> Iterator[Clock]:
    yield engines_clock
    engines_clock.speed = 1.0


@pytest.fixture(scope="session", params=[True, False], ids=["shared", "own"])
def engine(request: pytest.FixtureRequest, engines_clock: Clock) -> Iterator[Engine]:
    """Cases share the parent's pytest session, or each starts its own: both behave the same."""
    with Engine(
        plugins=(),
        environment=measured(),
        shares_session=request.param,
        timeouts=Timeouts(connect=5, answer=5),
        cage=LIGHT,
        clock=engines_clock,
    ) as engine:
        yield engine


@pytest.fixture(scope="session")
def sdk_engine(engines_clock: Clock) -> Iterator[Engine]:
    """Cases have the fixtures that written modules use."""
    with Engine(environment=measured(), clock=engines_clock) as engine:
        yield engine


@pytest.fixture
def target() -> Iterator[TargetServer]:
    with target_server() as server:
        yield server
