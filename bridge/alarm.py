"""Wakes the relay the moment a transaction with messages commits: PostgreSQL's LISTEN/NOTIFY."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import cast

import psycopg2
import structlog
from psycopg2.extensions import connection as Connection  # noqa: N812 - it is a class
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

_log = structlog.stdlib.get_logger(__name__)


class DatabaseAlarm:
    """Holds one connection that listens to a channel; connects again when that breaks.

    While the database is away it merely waits. Used by one thread.
    """

    def __init__(
        self, engine: Engine, channel: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._engine = engine
        self._channel = channel
        self._sleep = sleep
        self._connection: Connection | None = None

    def wait(self, seconds: float) -> None:
        """Return when notified, at the latest after `seconds`; at once after connecting."""
        try:
            if self._connection is None:
                self._connection = self._listen()
            else:
                _await(self._connection, seconds)
        except (DBAPIError, psycopg2.Error) as error:
            _log.warning("alarm.lost", reason=str(error))
            self.close()
            self._sleep(seconds)

    def close(self) -> None:
        """Give up the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _listen(self) -> Connection:
        pooled = self._engine.raw_connection()
        raw = cast("Connection", pooled.driver_connection)
        # From here on the connection is ours alone, and the pool may open another.
        pooled.detach()
        raw.autocommit = True
        with raw.cursor() as cursor:
            cursor.execute(f"LISTEN {self._channel}")
        return raw


def _await(connection: Connection, seconds: float) -> None:
    """Sleep until the server sends something; what it is does not matter."""
    select.select([connection], [], [], seconds)
    connection.poll()
    connection.notifies.clear()
