"""The faults: what is broken, what must hold, and how long the platform may take to recover.

A file of `experiments/` breaks it in a cluster, a test of the same name on one machine; both ask
for the conditions of `chaos.conditions`, and both have these seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break the platform."""

    #: Of its file and its test.
    name: str
    #: How long it is broken, in a cluster.
    seconds: int
    #: Until everything is steady again.
    recovery_seconds: int
    #: What is to be seen beside the conditions.
    holds: str
    #: Whether nothing can be written meanwhile: then web may refuse, and nobody judges it.
    may_refuse: bool = False


FAULTS: Final = (
    Fault(
        "runner-killed-mid-case", 10, 240,
        "Its cases run again on another runner; each has one result.",
    ),
    Fault("broker-away", 60, 180, "Runs wait and go on; what was asked for meanwhile is done."),
    Fault("database-slow", 120, 120, "The web is slow and answers; no result is lost."),
    Fault(
        "bridge-cut-from-kafka", 60, 180,
        "Runners work on; their results are applied afterwards, each once.",
    ),
    Fault("runner-cpu-stress", 120, 120, "Cases take longer and keep their outcome."),
    Fault(
        "runner-memory-stress", 60, 180,
        "A case that the kernel kills is an error of its own; its neighbours pass.",
    ),
    Fault(
        "runner-clock-offset", 120, 120,
        "No deadline, no order and no result hangs on a runner's clock.",
    ),
    Fault(
        "database-disk-full", 60, 240,
        "What could not be written is written once there is room; nothing is half there.",
        may_refuse=True,
    ),
)  # fmt: skip
