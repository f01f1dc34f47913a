"""The release before this one goes on working on the newest tables: migrations only add."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Connection, Engine, text

from tests.deploy import shape
from tests.shared_material import ROOT


@pytest.fixture
def connection(engine: Engine) -> Connection:
    """To a database of the newest version; what is done to it is not kept."""
    return engine.connect()


def test_the_newest_tables_break_nothing_that_was_released(connection: Connection) -> None:
    with connection:
        found = list(shape.broken(shape.released().tables, shape.of_database(connection)))
    assert found == [], "add first, take away a release later: docs/migrations.md"


def test_what_the_release_before_says_works_on_the_newest_tables(connection: Connection) -> None:
    """Its statements, with its columns only: a row into each table, read, changed, deleted."""
    tables = shape.released().tables
    spoken = list(shape.statements(tables))
    with connection:
        for statement in spoken:
            connection.execute(text(statement.replace(":", "\\:")))
    assert len(spoken) == 4 * len(tables) > 100


def test_what_is_frozen_is_the_newest_release(connection: Connection) -> None:
    """Before the first one nobody has older tables: what it will have is what there is."""
    headings = re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    frozen = shape.released()
    with connection:
        newest = shape.revision_of(connection)
    if headings:
        assert frozen.version == headings[0], "python -m tests.deploy.shape"
    else:
        assert frozen.revision == newest, "python -m tests.deploy.shape"


#: What a migration must not do to the table, and what is said of it.
BREAKING = {
    "ALTER TABLE suites RENAME TO ways": "suites is gone",
    "ALTER TABLE suites DROP COLUMN name": "suites.name is gone",
    "ALTER TABLE suites RENAME COLUMN name TO title": "suites.name is gone",
    "ALTER TABLE suites ADD COLUMN tone text NOT NULL": "suites.tone is new, must be given",
    "ALTER TABLE suites ALTER COLUMN name TYPE varchar(10)": "suites.name is shorter",
    "ALTER TABLE suites ALTER COLUMN name TYPE integer USING 1": "suites.name is INTEGER",
    "ALTER TABLE suites ADD UNIQUE (name)": "suites: new rule unique name",
    "CREATE UNIQUE INDEX u ON suites (name)": "suites: new rule unique name",
    "ALTER TABLE suites ADD CHECK (name <> '')": "suites: new rule check",
    "ALTER TABLE suites ALTER COLUMN created_by SET NOT NULL": "created_by must be given now",
    "ALTER TABLE suites ALTER COLUMN name DROP NOT NULL": "suites.name may be NULL now",
    "ALTER TABLE suites ALTER COLUMN created_at DROP DEFAULT": "created_at has lost its default",
}
#: What it may do.
HARMLESS = (
    "ALTER TABLE suites ADD COLUMN tone text",
    "ALTER TABLE suites ADD COLUMN tone text NOT NULL DEFAULT ''",
    "ALTER TABLE suites ALTER COLUMN name TYPE varchar(4000)",
    "ALTER TABLE suites ADD COLUMN slug text UNIQUE",
    "ALTER TABLE suites ADD COLUMN owner varchar(36) REFERENCES users (id)",
    "CREATE TABLE tones (id text PRIMARY KEY, suite_id varchar(36) REFERENCES suites (id))",
    "CREATE INDEX i ON suites (name, created_at)",
)


def test_what_would_break_it_is_found_and_what_only_adds_is_not(connection: Connection) -> None:
    with connection:
        before = shape.of_database(connection, "suites")
        for statement in (*BREAKING, *HARMLESS):
            with connection.begin_nested() as step:
                connection.execute(text(statement))
                found = list(shape.broken(before, shape.of_database(connection, "suites")))
                step.rollback()
            assert bool(found) == (statement in BREAKING), statement
            assert not found or BREAKING[statement] in found[0]
