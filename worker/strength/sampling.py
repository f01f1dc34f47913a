"""Which mutations are tried where there are too many: the same ones for the same seed. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import zip_longest

from app.domain.strength import Duty
from worker.strength.mutations import Mutation

#: A mutation, and why it should be noticed.
Due = tuple[Mutation, Duty]


def sample(due: Sequence[Due], most: int, seed: str) -> tuple[Due, ...]:
    """At most so many of the mutations, in their order; every kind has its share."""
    chance = random.Random(seed)  # noqa: S311 - which ones are taken protects nothing
    kinds: dict[str, list[int]] = {}
    for number, (mutation, _) in enumerate(due):
        kinds.setdefault(mutation.change.kind, []).append(number)
    for numbers in kinds.values():
        chance.shuffle(numbers)
    dealt = [number for turn in zip_longest(*kinds.values()) for number in turn]
    taken = sorted([number for number in dealt if number is not None][:most])
    return tuple(due[number] for number in taken)
