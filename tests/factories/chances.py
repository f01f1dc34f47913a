"""Chance that repeats itself."""

from __future__ import annotations

import random


def chance(seed: object = 1) -> random.Random:
    """The same numbers for the same seed, in every process."""
    return random.Random(str(seed))  # noqa: S311 - no secret depends on it
