"""Waiting in tests for something that another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable

#: How seldom it looks after some seconds: processes that start need the time for themselves.
_RARELY_SECONDS = 0.05


def wait_until(
    condition: Callable[[], object],
    what: str = "what was waited for",
    *,
    seconds: float = 180.0,
    every: float | None = None,
) -> None:
    """Wait for something to become true; fails naming what did not.

    Nothing tells a test when that is, so it looks again and again: every so many seconds, or the
    less often the longer it has waited, for a look may ask a database.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        assert waited < seconds, f"within {seconds:g} s it did not happen: {what}"
        # Nobody signals it; the pause leaves the processor to what is waited for.
        time.sleep(every or min(0.005 + waited / 50, _RARELY_SECONDS))
