"""The cage and the database of tests in which models take part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app import database
from app.settings import Settings
from tasks.assistance import CagedTrial
from tests.behaviour.models.support import Workshop
from tests.behaviour.worker.conftest import measured
from tests.behaviour.worker.support import LIGHT
from tests.database_fixtures import Postgres, settings_for
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


@pytest.fixture(scope="module")
def lasting_workshop(postgres: Postgres, trial: CagedTrial) -> Iterator[Workshop]:
    """The same with one database for all tests of a module."""
    name = postgres.create()
    settings = settings_for(postgres.url(name))
    engine = database.engine_of(settings)
    yield Workshop(database.sessions(engine), settings, trial)
    engine.dispose()
    postgres.drop(name)
