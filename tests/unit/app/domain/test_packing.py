from __future__ import annotations

import heapq
import random
from collections.abc import Sequence

import pytest

from app.domain import packing
from app.domain.plans import PlannedCase


def case(number: int, group: str = "") -> PlannedCase:
    script = f'RESOURCE_GROUP = "{group}"\n' if group else ""
    return PlannedCase(str(number), f"GET /{number}", f"test_{number}.py", script)


def cases(count: int) -> list[PlannedCase]:
    return [case(number) for number in range(count)]


def makespan(shards: Sequence[Sequence[float]], runners: int) -> float:
    """When the last runner is done, if each takes the next shard as soon as it is free."""
    free = [0.0] * runners
    for shard in shards:
        heapq.heapreplace(free, free[0] + sum(shard))
    return max(free)


@pytest.mark.parametrize("seed", range(20))
def test_every_case_is_in_one_shard_and_groups_stay_together(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - any numbers will do
    durations = [draw.uniform(0, 100) for _ in range(draw.randrange(60))]
    groups = [draw.choice(["", "", "books", "loans"]) for _ in durations]
    most = draw.randint(1, 20)
    given_cases = [case(number, groups[number]) for number in range(len(durations))]
    known = {str(number): seconds for number, seconds in enumerate(durations)}
    shards = packing.packed(given_cases, known, most=most)
    assert sorted(int(one.case_id) for shard in shards for one in shard) == [*range(len(durations))]
    for group in ("books", "loans"):
        holding = [shard for shard in shards if any(group in one.script for one in shard)]
        assert len(holding) <= 1
    largest_group = max(groups.count(name) for name in ("books", "loans"))
    assert all(0 < len(shard) <= max(most, largest_group) for shard in shards)


@pytest.mark.parametrize("runners", [1, 2, 3, 8, 16])
@pytest.mark.parametrize("seed", range(5))
def test_a_run_of_500_cases_ends_near_the_ideal(runners: int, seed: int) -> None:
    """Within a twentieth of it, though a few cases take a hundred times as long as most."""
    draw = random.Random(seed)  # noqa: S311 - a simulation
    known = {str(number): draw.lognormvariate(-0.5, 1.2) for number in range(500)}
    shards = packing.packed(cases(500), known, most=20)
    taken = [[known[one.case_id] for one in shard] for shard in shards]
    ideal = max(sum(known.values()) / runners, *known.values())
    assert makespan(taken, runners) <= ideal * 1.05 + packing.SHARD_SECONDS
    assert max(map(sum, taken)) <= max(*known.values(), packing.SHARD_SECONDS * 1.5)
    # What came before: slices of 20 in the order of their names.
    order = [known[str(number)] for number in range(500)]
    sliced = [order[start : start + 20] for start in range(0, 500, 20)]
    assert makespan(taken, runners) <= makespan(sliced, runners) + 1e-6


def test_a_shard_without_room_is_passed_over() -> None:
    """The group goes where there is room for it, though another shard has less to do."""
    group = [case(number, "books") for number in (1, 2)]
    known = {"0": 2.5, "1": 0.1, "2": 0.1, "3": 2.4, "4": 2.3}
    shards = packing.packed([case(0), *group, case(3), case(4)], known, most=2)
    held = [{one.case_id for one in shard} for shard in shards]
    assert {"1", "2"} in held
    assert max(map(len, held)) <= 2
    grown = packing.packed([case(n, "g" if n else "") for n in range(4)], {"0": 9.0}, most=1)
    assert sorted(len(shard) for shard in grown) == [1, 3]


def test_what_takes_longest_goes_first() -> None:
    known = {"0": 1.0, "1": 9.0, "2": 4.0}
    shards = packing.packed(cases(3), known, most=5)
    assert [[one.case_id for one in shard] for shard in shards] == [["1"], ["2"], ["0"]]


def test_a_case_that_never_ran_takes_what_is_usual() -> None:
    """Where none ever ran, it is about its number: short runs are not cut to pieces."""
    assert len(packing.packed(cases(10), {"0": 0.01, "1": 0.02, "2": 60.0}, most=20)) == 10
    assert len(packing.packed(cases(10), {"0": 0.01, "1": 0.02, "2": 0.03}, most=20)) == 1
    assert len(packing.packed(cases(5), {}, most=20)) == 1
    assert len(packing.packed(cases(41), {}, most=20)) == 9
    assert packing.packed([], {}, most=20) == []


@pytest.mark.parametrize(
    ("script", "group"),
    [
        ("RESOURCE_GROUP = 'books'", "books"),
        ('import x\n\nRESOURCE_GROUP: str = "the loans"\n', "the loans"),
        ("    RESOURCE_GROUP = 'inside'", ""),
        ("RESOURCE_GROUP = ''", ""),
        ("RESOURCE_GROUP = other", ""),
    ],
)
def test_a_module_names_its_resource_group(script: str, group: str) -> None:
    assert packing.group_of(script) == group
