"""Which errors of the database pass."""

from __future__ import annotations

from itertools import islice

import psycopg2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from app.errors import UnavailableError
from bridge import retries


class DriverError(psycopg2.OperationalError):
    """An error with a state of our choice."""

    def __init__(self, state: str | None) -> None:
        super().__init__("it broke")
        self.state = state

    @property
    def pgcode(self) -> str | None:  # type: ignore[override]  # read-only in C
        return self.state


def wrapped(state: str | None, *, invalidated: bool = False) -> DBAPIError:
    return OperationalError(
        "SELECT 1", None, DriverError(state), connection_invalidated=invalidated
    )


@pytest.mark.parametrize("state", ["08006", "40001", "40P01", "53300", "57P01", "58030", "55P03"])
def test_what_the_server_says_will_pass_is_transient(state: str) -> None:
    assert retries.is_transient(wrapped(state))


@pytest.mark.parametrize("state", ["22001", "23505", "42P01", "54000", "55000"])
def test_what_will_be_the_same_next_time_is_not(state: str) -> None:
    assert not retries.is_transient(wrapped(state))


def test_a_connection_that_broke_is_transient_whatever_it_says() -> None:
    assert retries.is_transient(wrapped("22001", invalidated=True))


def test_a_server_that_cannot_be_reached_is_transient() -> None:
    engine = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    with pytest.raises(DBAPIError) as caught, engine.connect():
        pass
    assert retries.is_transient(caught.value)


def test_an_error_of_the_driver_about_our_data_is_not(session: Session) -> None:
    with pytest.raises(DBAPIError) as caught:
        session.execute(text("SELECT :value"), {"value": object()})
    assert not retries.is_transient(caught.value)


def test_a_full_pool_is_transient() -> None:
    assert retries.is_transient(PoolTimeoutError())


def test_errors_of_others_are_not() -> None:
    assert not retries.is_transient(ValueError())


def test_pauses_grow_up_to_a_limit() -> None:
    pauses = list(islice(retries.pauses(), 100))
    assert pauses[:3] == [0.2, 0.4, 0.8]
    assert pauses == sorted(pauses)
    assert pauses[-1] == retries.LONGEST_PAUSE_SECONDS


def test_a_passing_error_becomes_one_of_ours() -> None:
    with pytest.raises(UnavailableError) as caught, retries.as_unavailable():
        raise wrapped("57P01")
    assert isinstance(caught.value.__cause__, OperationalError)


def test_a_lasting_error_stays_what_it_is() -> None:
    with pytest.raises(ProgrammingError), retries.as_unavailable():
        raise ProgrammingError("SELECT", None, DriverError("42P01"))


def test_without_an_error_nothing_happens() -> None:
    with retries.as_unavailable():
        pass
