import pytest

from app.errors import ConflictError
from bridge.kafka.dead_share import FEW, DeadShare


def test_a_few_are_put_aside_whatever_their_share_is() -> None:
    share = DeadShare(0.01, "g")
    for _ in range(FEW):
        share.take(1)
        share.bury(1)
    share.take(1)
    with pytest.raises(ConflictError, match=f"Of the last {FEW + 1} messages {FEW + 1} cannot"):
        share.bury(1)


def test_as_many_as_may_be_are_put_aside() -> None:
    share = DeadShare(0.5, "g")
    for _ in range(1000):
        share.take(2)
        share.bury(1)


def test_what_was_long_ago_counts_less() -> None:
    share = DeadShare(0.5, "g")
    for _ in range(100):
        share.take(100)
    for _ in range(11):
        share.take(100)
        share.bury(50)
    share.take(900)
    with pytest.raises(ConflictError):
        share.bury(900)


def test_all_may_be_put_aside_where_that_is_wanted() -> None:
    share = DeadShare(1.0, "g")
    for _ in range(50):
        share.take(100)
        share.bury(100)
