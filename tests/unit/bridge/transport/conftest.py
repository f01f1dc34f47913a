"""What the tests of the fetcher share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.fetching import HERE, THERE, Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A fetcher with a partition of each of two queues."""
    bench = Bench()
    bench.follow("queue", "other")
    bench.consumer.assign(HERE, THERE)
    yield bench
    bench.fetcher.close()
