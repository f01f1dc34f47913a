"""The way to PostgreSQL: engine, sessions, and the version of the tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

#: Any constant: processes that migrate at the same time wait for each other by it.
MIGRATION_LOCK = 0x7E57095


def url_of(settings: Settings) -> URL:
    """The database's address, with the driver that the platform uses."""
    return make_url(settings.database_url.get_secret_value()).set(drivername="postgresql+psycopg2")


def engine_of(settings: Settings) -> Engine:
    """A connection pool; connects when first used, and replaces connections that broke."""
    return create_engine(url_of(settings), **engine_options(settings))


def engine_options(settings: Settings) -> dict[str, object]:
    """Options of every engine of the platform."""
    return {
        "pool_size": settings.database_pool_size,
        "pool_pre_ping": True,
        "connect_args": {"connect_timeout": 10, "application_name": "testops"},
    }


def sessions(engine: Engine) -> sessionmaker[Session]:
    """A maker of sessions; `with made.begin() as session:` is one transaction."""
    return sessionmaker(engine, expire_on_commit=False)


def migrate(settings: Settings) -> None:
    """Bring the tables to the newest version; safe to call from several processes at once."""
    engine = engine_of(settings)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    """Whether the tables have the newest version that this release knows, or a newer one.

    While a release is rolled out the one before it works on the new tables (docs/migrations.md).
    """
    versions = ScriptDirectory.from_config(_config())
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    older = {version.revision for version in versions.walk_revisions()} - set(versions.get_heads())
    return found is not None and found not in older


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    return config
