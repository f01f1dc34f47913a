"""The least acceptable cage.

Counted are promises, not mechanisms: which layers a machine offers differs, what a script must be
kept from does not. See `worker.cage.layers.KEEPERS`.
"""

from __future__ import annotations

import enum

from worker.cage.layers import KEEPERS, Promise
from worker.cage.report import Report


class Policy(enum.StrEnum):
    """How many layers must keep each promise."""

    #: Whatever the machine offers, be it nothing: for scripts that one trusts.
    NONE = "none"
    #: At least one: a container without privileges on a kernel with Landlock has it.
    STANDARD = "standard"
    #: At least two, so that a hole in one of them opens nothing.
    STRICT = "strict"


_LEAST = {Policy.NONE: 0, Policy.STANDARD: 1, Policy.STRICT: 2}


def broken(policy: Policy, report: Report) -> dict[Promise, str]:
    """The promises that fewer layers keep than the policy asks, each with what would help."""
    least = _LEAST[policy]
    return {
        promise: _advice(promise, report)
        for promise in Promise
        if len(report.keepers(promise)) < least
    }


def _advice(promise: Promise, report: Report) -> str:
    missing = [finding for finding in report.missing if finding.layer in KEEPERS[promise]]
    return "; ".join(f"{each.layer}: {each.note} {each.advice}".rstrip() for each in missing)


def refusal(policy: Policy, report: Report) -> str:
    """Why nothing may be run with this cage; empty where it will do."""
    gaps = broken(policy, report)
    if not gaps:
        return ""
    least = "one layer" if _LEAST[policy] == 1 else "two layers"
    told = " ".join(f"A script {promise}: {advice}" for promise, advice in gaps.items())
    return (
        f"Test scripts are not run here: the policy {policy} wants {least} for each promise, and "
        f"these have fewer. {told} `testops doctor` shows every layer; TESTOPS_CAGE says what is "
        "acceptable."
    )
