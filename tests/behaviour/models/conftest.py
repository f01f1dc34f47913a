"""The cage and the database of tests in which models take part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from tasks.assistance import CagedTrial
from tests.behaviour.models.support import Workshop
from tests.behaviour.worker.conftest import measured
from tests.behaviour.worker.support import LIGHT
from worker.engine import Engine


@pytest.fixture(scope="session")
def trial() -> Iterator[CagedTrial]:
    """One engine for all: it takes a second to start."""
    made = CagedTrial(lambda: Engine(environment=measured(), cage=LIGHT))
    yield made
    made.close()


@pytest.fixture
def workshop(sessions: sessionmaker[Session], settings: Settings, trial: CagedTrial) -> Workshop:
    """Has generations performed."""
    return Workshop(sessions, settings, trial)
