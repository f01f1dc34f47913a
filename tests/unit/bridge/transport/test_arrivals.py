import time
from collections.abc import Collection, Mapping

import pytest
from confluent_kafka import Message

from bridge.transport.arrivals import Arrivals
from bridge.transport.errors import BrokerError
from bridge.transport.ledger import Commit, Place

HERE, THERE = ("queue", 0), ("queue", 1)
ANSWER = {HERE: Commit(3)}


class Oracle:
    """Answers with what is set."""

    def __init__(self) -> None:
        self.answer: Exception | None = None
        self.asked: list[set[Place]] = []

    def ask(self, places: Collection[Place]) -> Mapping[Place, Commit]:
        self.asked.append(set(places))
        if self.answer is not None:
            raise self.answer
        return {place: ANSWER[place] for place in places if place in ANSWER}


def found(arrivals: Arrivals, count: int) -> dict[Place, tuple[Commit | None, list[Message]]]:
    """Wait until so many are known."""
    known: dict[Place, tuple[Commit | None, list[Message]]] = {}
    deadline = time.monotonic() + 10
    while len(known) < count:
        assert time.monotonic() < deadline
        known |= {place: (commit, early) for place, commit, early in arrivals.known()}
        # Another thread asks; it says so by nothing but its answer.
        time.sleep(0.001)
    return known


def test_what_is_fetched_early_waits_for_the_answer() -> None:
    arrivals = Arrivals(Oracle().ask, retry_seconds=0, most=2)
    arrivals.add([HERE, THERE])
    early = Message(topic="queue", partition=0, offset=3)
    assert arrivals.hold(HERE, early)
    assert arrivals.holding() == set()
    assert arrivals.hold(HERE, early)
    assert arrivals.holding() == {HERE}
    assert found(arrivals, 2) == {HERE: (Commit(3), [early, early]), THERE: (None, [])}
    assert not arrivals.hold(HERE, early)
    assert list(arrivals.known()) == []


def test_those_that_come_while_others_are_asked_about_are_asked_about_next() -> None:
    oracle = Oracle()
    arrivals = Arrivals(oracle.ask, retry_seconds=0)
    arrivals.add([HERE])
    arrivals.add([THERE])
    assert found(arrivals, 2) == {HERE: (Commit(3), []), THERE: (None, [])}
    assert oracle.asked == [{HERE}, {THERE}]


def test_what_is_gone_when_the_answer_comes_is_not_known() -> None:
    arrivals = Arrivals(Oracle().ask, retry_seconds=0)
    arrivals.add([HERE, THERE])
    arrivals.remove([HERE, ("never", 0)])
    assert found(arrivals, 1) == {THERE: (None, [])}
    assert list(arrivals.known()) == []


def test_the_question_is_repeated_after_a_while(caplog: pytest.LogCaptureFixture) -> None:
    oracle = Oracle()
    oracle.answer = BrokerError("nobody is there")
    arrivals = Arrivals(oracle.ask, retry_seconds=0.05)
    began = time.monotonic()
    arrivals.add([HERE])
    while len(oracle.asked) < 3:
        assert list(arrivals.known()) == []
        assert time.monotonic() < began + 10
        # Another thread asks; it says so by nothing but its answer.
        time.sleep(0.001)
    assert time.monotonic() - began > 0.09
    oracle.answer = None
    assert found(arrivals, 1) == {HERE: (Commit(3), [])}
    assert "nobody is there; asking again" in caplog.text
