"""What is enough, and what is said where it is not."""

from __future__ import annotations

import pytest

from worker.cage.layers import ALL, KEEPERS, Layer, Promise
from worker.cage.policy import Policy, broken, refusal
from worker.cage.report import Finding, Report

#: What a container without privileges has.
POD = frozenset(
    {
        *(Layer.LANDLOCK_FILES, Layer.LANDLOCK_SCOPES, Layer.CALLS, Layer.NO_NEW_RIGHTS),
        *(Layer.LIMITS, Layer.DEATH),
    }
)


def report(layers: frozenset[Layer]) -> Report:
    return Report(tuple(Finding(layer, layer in layers, "not there", "Get it.") for layer in Layer))


@pytest.mark.parametrize("promise", Promise)
def test_every_promise_can_be_kept_twice(promise: Promise) -> None:
    assert len(KEEPERS[promise]) >= 2


@pytest.mark.parametrize(
    ("layers", "met"),
    [(ALL, set(Policy)), (POD, {Policy.NONE, Policy.STANDARD}), (frozenset(), {Policy.NONE})],
)
def test_policies_count_the_layers_that_keep_a_promise(
    layers: frozenset[Layer], met: set[Policy]
) -> None:
    assert {policy for policy in Policy if not broken(policy, report(layers))} == met


def test_ports_alone_keep_no_promise() -> None:
    """A kernel that forbids TCP ports lets MPTCP and UDP through."""
    without = ALL - KEEPERS[Promise.NETWORK]
    assert Layer.LANDLOCK_PORTS in without
    assert list(broken(Policy.STANDARD, report(without))) == [Promise.NETWORK]


def test_a_refusal_says_what_is_missing_and_what_to_do() -> None:
    told = refusal(Policy.STANDARD, report(ALL - KEEPERS[Promise.FILES]))
    assert "wants one layer for each promise" in told
    assert (
        "A script reads and writes no file but its own: mount namespace: not there Get it.; "
        in told
    )
    assert "`testops doctor`" in told
    assert "gains no rights" not in told
    assert "wants two layers" in refusal(Policy.STRICT, report(POD))
    assert refusal(Policy.STANDARD, report(POD)) == ""
