"""Hears what transactions announce when they commit: PostgreSQL's LISTEN/NOTIFY."""

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


class Listener:
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

    def wait(self, seconds: float) -> frozenset[str] | None:
        """What was announced, as soon as something is; empty after `seconds` without anything.

        None after connecting: nobody knows what was announced before that.
        """
        try:
            if self._connection is not None:
                return _await(self._connection, seconds)
            self._connection = self._listen()
        except (DBAPIError, psycopg2.Error) as error:
            _log.warning("listener.lost", reason=str(error))
            self.close()
            self._sleep(seconds)
        return None

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


def _await(connection: Connection, seconds: float) -> frozenset[str]:
    select.select([connection], [], [], seconds)
    connection.poll()
    heard = frozenset(notification.payload for notification in connection.notifies)
    connection.notifies.clear()
    return heard
