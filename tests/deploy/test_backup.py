"""What DEPLOYMENT.md says of backup and restore does it, on a real PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from app import database
from tests.database_fixtures import TEMPLATE, Postgres, settings_for
from tests.factories import rows
from tests.shared_material import ROOT

#: What compose calls user and database.
NAME = "testops"
_COMPOSE = "docker compose exec -T postgres "


def told() -> list[str]:
    """The commands that are to be given to PostgreSQL's container."""
    page = (ROOT / "DEPLOYMENT.md").read_text("utf-8")
    section = page.partition("## Backup and restore")[2].partition("\n## ")[0]
    return re.findall(rf"^{re.escape(_COMPOSE)}(.+)$", section, re.MULTILINE)


@pytest.fixture
def server(postgres: Postgres) -> Iterator[Postgres]:
    """One with the user and the database of compose."""
    postgres.execute(f"CREATE ROLE {NAME} SUPERUSER LOGIN")
    postgres.execute(f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE} OWNER {NAME}")
    yield postgres
    postgres.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)", f"DROP ROLE {NAME}")


def around(server: Postgres) -> Mapping[str, str]:
    """The environment in which PostgreSQL's programs find the server, as in its container."""
    address = make_url(server.url(NAME))
    host = address.host or str(address.query["host"])
    return {
        "PATH": f"{server.server.bin_path}{os.pathsep}{os.environ['PATH']}",
        "PGHOST": host,
        **({"PGPORT": str(address.port)} if address.port else {}),
    }


def connected(server: Postgres) -> Connection:
    address = make_url(server.url(NAME)).set(drivername="postgresql+psycopg2")
    return create_engine(address, poolclass=NullPool).connect()


def test_a_dump_is_restored_over_whatever_came_later(server: Postgres, tmp_path: Path) -> None:
    """Also over tables of a later release, which the dump knows nothing of."""
    with connected(server) as connection, Session(connection) as session:
        rows.user(session, email="kept@example.org")
        session.commit()
    dump, *restore = told()
    run(dump, server, tmp_path)
    with connected(server) as connection:
        connection.execute(text("DELETE FROM users"))
        connection.execute(
            text("CREATE TABLE later (id text PRIMARY KEY, user_id varchar(36) REFERENCES users)")
        )
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    for command in restore:
        run(command, server, tmp_path)
    with connected(server) as connection:
        emails = connection.execute(text("SELECT email FROM users")).scalars().all()
        assert emails == ["kept@example.org"]
        assert "later" not in inspect(connection).get_table_names()
    database.migrate(settings_for(server.url(NAME)))


def run(command: str, server: Postgres, folder: Path) -> None:
    """Give a command to a shell; it must succeed and have nothing to say."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=dict(around(server)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), command
