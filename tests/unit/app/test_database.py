from concurrent.futures import ThreadPoolExecutor

from alembic import command
from sqlalchemy import Engine, inspect, text

from app import database
from app.models import Base
from app.settings import Settings
from tests.database_fixtures import settings_for


def test_an_empty_database_gets_every_table(empty_database_url: str) -> None:
    settings = settings_for(empty_database_url)
    engine = database.engine_of(settings)
    assert not database.is_current(engine)
    database.migrate(settings)
    assert database.is_current(engine)
    assert set(Base.metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_migrating_again_changes_nothing(settings: Settings, engine: Engine) -> None:
    database.migrate(settings)
    assert database.is_current(engine)


def test_tables_of_a_later_release_are_new_enough(engine: Engine) -> None:
    """Those of an earlier one are not: while a release is rolled out, both are there."""
    for version, enough in (("9999_later", True), ("0001", False)):
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        assert database.is_current(engine) is enough


def test_several_processes_may_migrate_at_once(empty_database_url: str) -> None:
    settings = settings_for(empty_database_url)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(database.migrate, [settings] * 3)) == [None] * 3


def test_migrations_and_models_agree(engine: Engine) -> None:
    """Alembic would find nothing to write into a new migration."""
    config = database._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_migrations_can_be_taken_back(settings: Settings, engine: Engine) -> None:
    config = database._config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    database.migrate(settings)
    assert database.is_current(engine)


def test_the_usual_spellings_of_an_address_are_understood() -> None:
    """Whatever driver the address names, the platform's own is used."""
    for spelling in ("postgresql://u:p@h/d", "postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"):
        url = database.url_of(settings_for(spelling))
        assert url.render_as_string(hide_password=False) == "postgresql+psycopg2://u:p@h/d"
