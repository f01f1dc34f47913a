"""One stage for each test, on each broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.behaviour.transport.stage import Stage
from tests.kafka_fixtures import Broker


@pytest.fixture
def open_stage(fresh: str, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Opens stages on a broker, each with a queue, a group and options of its own."""
    with ExitStack() as stack:

        def opened(broker: Broker | str, name: str = "", **options: object) -> Stage:
            on = broker if isinstance(broker, Broker) else Broker(broker, has_administration=True)
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            return stack.enter_context(closing(Stage(on, f"{fresh}{name}", folder, **options)))

        yield opened


@pytest.fixture
def stage(broker: Broker, open_stage: Callable[..., Stage]) -> Stage:
    """A queue of its own on each broker in turn."""
    return open_stage(broker)


@pytest.fixture
def real_stage(kafka: str, open_stage: Callable[..., Stage]) -> Stage:
    """A stage on real Kafka only: each test says what the embedded broker cannot do."""
    return open_stage(kafka)
