"""What tests that run written modules share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from worker.engine import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The engine, as it runs cases everywhere."""
    with Engine() as warm:
        yield warm
