"""Packs the cases of a run into shards so that any number of runners end at about the same time.

Pure. Longest processing time first (Graham, "Bounds on multiprocessing timing anomalies", 1969):
what takes longest goes first, each into the shard that has least to do so far. Runners take the
shards in that order, so that the run ends at most one shard after the ideal; a shard is therefore
to be short.
"""

from __future__ import annotations

import heapq
import itertools
import math
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.plans import PlannedCase

#: What a shard is to take: short beside a run, long beside what a message costs.
SHARD_SECONDS = 5.0
#: What a case that never ran is expected to take where none did.
_UNKNOWN_SECONDS = 1.0
#: How a module names what it must not share with others at the same time.
_GROUP = re.compile(r"^RESOURCE_GROUP\s*(?::[^=\n]*)?=\s*(['\"])([^'\"\n]{1,100})\1", re.MULTILINE)


@dataclass(slots=True, order=True)
class _Bin:
    """A shard while it is filled; compared by what it has to do."""

    seconds: float
    number: int
    cases: list[PlannedCase] = field(default_factory=list, compare=False)


def group_of(script: str) -> str:
    """The resource group that a module names, `RESOURCE_GROUP = "…"`; empty where it names none."""
    found = _GROUP.search(script)
    return found[2] if found else ""


def packed(
    cases: Sequence[PlannedCase], durations: Mapping[str, float], *, most: int
) -> list[tuple[PlannedCase, ...]]:
    """The cases in shards of at most `most` (≥1), what takes longest first.

    `durations` are seconds by case id, as far as known. Cases of one resource group come into one
    shard, which runs them one after the other, however many they are.
    """
    usual = statistics.median(durations.values()) if durations else _UNKNOWN_SECONDS
    seconds = {case.case_id: durations.get(case.case_id, usual) for case in cases}
    units = sorted(_units(cases), key=lambda unit: -sum(seconds[one.case_id] for one in unit))
    bins = [_Bin(0.0, number) for number in range(_count(cases, seconds, most))]
    for unit in units:
        chosen = _with_room(bins, len(unit), most)
        chosen.cases += unit
        chosen.seconds += sum(seconds[one.case_id] for one in unit)
        heapq.heappush(bins, chosen)
    shards = sorted(bins, key=lambda one: (-one.seconds, one.number))
    return [tuple(one.cases) for one in shards if one.cases]


def _with_room(bins: list[_Bin], size: int, most: int) -> _Bin:
    """Take out the shard with the least to do among those with room, or a new one."""
    full: list[_Bin] = []
    while bins and bins[0].cases and len(bins[0].cases) + size > most:
        full.append(heapq.heappop(bins))
    chosen = heapq.heappop(bins) if bins else _Bin(0.0, len(full))
    for one in full:
        heapq.heappush(bins, one)
    return chosen


def _units(cases: Sequence[PlannedCase]) -> list[list[PlannedCase]]:
    """What stays together: a resource group, or a case of none."""
    alone = itertools.count()
    units: dict[str | int, list[PlannedCase]] = {}
    for case in cases:
        units.setdefault(group_of(case.script) or next(alone), []).append(case)
    return list(units.values())


def _count(cases: Sequence[PlannedCase], seconds: Mapping[str, float], most: int) -> int:
    by_time = math.ceil(sum(seconds.values()) / SHARD_SECONDS)
    return min(max(math.ceil(len(cases) / most), by_time), len(cases))
