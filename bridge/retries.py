"""Which errors of the database are worth waiting for.

Retryability is read from the SQLSTATE that PostgreSQL gives (its manual, appendix A), never guessed
from the class of the exception alone: "value too long" and "server is shutting down" can have the
same one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.errors import UnavailableError

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0

#: Connection, transaction rollback (serialisation, deadlock), resources, operator intervention,
#: system error outside of PostgreSQL; lock_not_available.
_TRANSIENT = ("08", "40", "53", "57", "58", "55P03")


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed later."""
    if isinstance(error, PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state: str | None = getattr(error.orig, "pgcode", None)
    # A server that cannot be reached gives no state at all.
    return _is_connection_error(error) if state is None else state.startswith(_TRANSIENT)


def _is_connection_error(error: DBAPIError) -> bool:
    return type(error).__name__ in {"OperationalError", "InterfaceError"}


def pauses() -> Iterator[float]:
    """Seconds to wait before each next attempt: short at first, since most outages are short."""
    return map(_pause, itertools.count())


def _pause(attempt: int) -> float:
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(attempt, 16), LONGEST_PAUSE_SECONDS)


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn a passing error of the database into UnavailableError; others stay as they are."""
    try:
        yield
    except SQLAlchemyError as error:
        if not is_transient(error):
            raise
        raise UnavailableError("The database does not answer now.") from error
