"""When a message that did not arrive is tried again."""

import datetime as dt

from app.domain import redelivery
from app.domain.redelivery import LONGEST_WAIT, PAUSES, pause


def test_pauses_grow_and_end() -> None:
    pauses = [pause(attempts) for attempts in range(1, len(PAUSES) + 2)]
    assert pauses == [*sorted(PAUSES), None]


def test_a_service_that_asks_for_patience_gets_it_within_bounds() -> None:
    minute, long = dt.timedelta(minutes=1), dt.timedelta(days=9)
    assert pause(1, minute) == minute
    assert pause(1, dt.timedelta()) == redelivery.PAUSES[0]
    assert pause(1, long) == LONGEST_WAIT
