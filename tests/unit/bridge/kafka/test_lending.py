"""Producers that are used again."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from bridge.kafka.lending import Producers
from bridge.kafka.producer import EventProducer


class Watched(EventProducer):
    """Says whether it is closed; its broker is never there."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1:1")
        self.is_closed = False
        self.served = 0

    def serve(self) -> None:
        super().serve()
        self.served += 1

    def close(self) -> None:
        super().close()
        self.is_closed = True


def test_who_comes_later_gets_what_was_given_back() -> None:
    producers = Producers(Watched)
    with producers.lent() as first:
        pass
    with producers.lent() as second:
        assert second is first
    producers.close()


def test_two_at_once_get_two_and_both_are_kept() -> None:
    made: list[Watched] = []

    def make() -> Watched:
        made.append(Watched())
        return made[-1]

    producers = Producers(make)
    for _ in range(2):
        with ExitStack() as stack:
            assert len({id(stack.enter_context(producers.lent())) for _ in range(2)}) == 2
    assert len(made) == 2
    assert not any(each.is_closed for each in made)
    producers.close()
    assert all(each.is_closed for each in made)


def test_what_was_prepared_is_lent_before_another_one_is_made() -> None:
    made: list[Watched] = []

    def make() -> Watched:
        made.append(Watched())
        return made[-1]

    producers = Producers(make)
    producers.prepare(2)
    ready = list(made)
    with producers.lent() as one, producers.lent() as two, producers.lent() as three:
        assert {id(one), id(two)} == {id(each) for each in ready}
        assert three is made[2]
    producers.close()
    assert all(each.is_closed for each in made)


def test_those_that_nobody_uses_are_served() -> None:
    producers = Producers(Watched)
    producers.prepare(2)
    with producers.lent() as lent:
        producers.serve()
    with producers.lent() as same, producers.lent() as other:
        assert isinstance(same, Watched)
        assert isinstance(other, Watched)
        assert same is lent
        assert (same.served, other.served) == (0, 1)
    producers.close()


def test_after_an_error_a_producer_is_closed_and_not_lent_again() -> None:
    producers = Producers(Watched)

    def fail() -> None:
        with producers.lent() as lent:
            seen.append(lent)
            raise ValueError("not all was confirmed")

    seen: list[EventProducer] = []
    with pytest.raises(ValueError, match="not all"):
        fail()
    with producers.lent() as another:
        assert another is not seen[0]
    assert isinstance(seen[0], Watched)
    assert seen[0].is_closed
    producers.close()
