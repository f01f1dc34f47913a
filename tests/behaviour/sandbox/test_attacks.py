"""Scripts that try to break out, against a runner of each kind."""

from __future__ import annotations

import pytest

from tests.behaviour.sandbox.attacks import ATTACKS, HONEST, POD, Attack
from tests.behaviour.sandbox.stage import Result
from worker.cage.layers import Layer, Promise
from worker.cage.policy import Policy, broken
from worker.cage.report import Finding, Report


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_contained(result: Result, profile: str, attack: Attack) -> None:
    """And it is one: without a cage it works for whoever can do such things at all."""
    if profile in attack.works:
        assert attack.name in result.worked
    outcome, message = result.caged[attack.name]
    assert outcome in {"failed", "errored"}, message


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_script_misses_nothing(result: Result, name: str) -> None:
    assert tuple(result.honest[name]) == ("passed", "")


def test_the_victims_are_as_they_were(result: Result) -> None:
    """Their files, modes, owners and times, and the process beside the engine."""
    assert result.harm == []


def test_nothing_is_left_of_the_attacks(result: Result) -> None:
    assert result.left == []


def test_who_has_no_rights_has_the_layers_that_need_none(result: Result, profile: str) -> None:
    held = Report(tuple(Finding(layer, layer in result.layers) for layer in Layer))
    assert broken(Policy.STANDARD, held) == {}
    if profile == POD:
        assert Layer.MOUNTS not in held.layers
        assert list(broken(Policy.STRICT, held)) == [Promise.FILES, Promise.NETWORK]
    else:
        assert broken(Policy.STRICT, held) == {}


@pytest.mark.parametrize("name", ["other-port", "asyncio", "httpx"])
def test_a_script_is_told_what_to_use_instead(result: Result, name: str) -> None:
    """Whichever library it uses, and before a name is looked up."""
    _, message = result.caged[name]
    assert "the fixture `api`" in message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("files-that-fill-the-disk", "64 MiB|No space left"),
        ("many-files", "4096 files|No space left"),
        ("memory", "MemoryError|Cannot allocate"),
        ("threads", "can't start new thread"),
    ],
)
def test_who_wants_too_much_is_told(result: Result, name: str, reason: str) -> None:
    outcome, message = result.caged[name]
    assert outcome == "errored"
    assert pytest.raises(AssertionError, match=reason).matches(AssertionError(message)), message
