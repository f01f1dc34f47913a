"""Waiting in tests for something that another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    condition: Callable[[], object],
    what: str = "what was waited for",
    *,
    seconds: float = 60.0,
    every: float = 0.005,
) -> None:
    """Wait for something to become true; fails naming what did not.

    Nothing tells a test when that is, so it looks again and again.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"within {seconds:g} s it did not happen: {what}"
        time.sleep(every)
