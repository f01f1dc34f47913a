"""A condition holds by a number; silence is no good news unless it says so."""

from __future__ import annotations

import math

import pytest

from chaos import conditions
from chaos.conditions import Condition, Reading

LOUD = Condition("loud", "up{$of}", most=1)
QUIET = Condition("quiet", "up{$of}", most=1, may_be_silent=True)


@pytest.mark.parametrize(("value", "holds"), [(0.0, True), (1.0, True), (1.1, False)])
def test_a_number_is_held_against_the_limit(value: float, *, holds: bool) -> None:
    assert Reading(LOUD, value).holds is Reading(QUIET, value).holds is holds


@pytest.mark.parametrize("silence", [None, math.nan])
def test_silence_holds_only_where_it_is_fine(silence: float | None) -> None:
    assert Reading(LOUD, silence).holds is False
    assert Reading(QUIET, silence).holds is True


def test_questions_are_asked_of_one_platform() -> None:
    asked: list[str] = []

    def ask(query: str) -> float:
        asked.append(query)
        return 0

    every = {*conditions.BEARABLE, *conditions.STEADY}
    readings = conditions.read(every, ask, 'namespace="a"')
    assert all(reading.holds for reading in readings)
    assert len(asked) == len(every)
    for query in asked:
        assert "$" not in query
        assert query.count("{") == query.count('namespace="a"}')


def test_what_cannot_be_asked_is_no_answer() -> None:
    def ask(_query: str) -> float:
        raise ConnectionRefusedError

    assert conditions.read([LOUD], ask) == [Reading(LOUD, None)]


def test_what_must_hold_while_something_is_broken_must_hold_afterwards() -> None:
    assert set(conditions.BEARABLE) < set(conditions.STEADY)
