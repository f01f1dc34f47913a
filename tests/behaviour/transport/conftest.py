"""One stage for each test, on each broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.behaviour.transport.stage import Stage
from tests.kafka_fixtures import Broker


@pytest.fixture
def stage(broker: Broker, fresh: str, tmp_path: Path) -> Iterator[Stage]:
    """A queue of its own on each broker in turn."""
    stage = Stage(broker, fresh, tmp_path)
    yield stage
    stage.end()
