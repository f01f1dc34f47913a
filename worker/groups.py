"""Signals for everything that a case has started in its process group."""

from __future__ import annotations

import contextlib
import os


def kill_group(pid: int, number: int) -> None:
    """Send a signal to the group that the process leads, and to the process itself.

    Both: a process that was forked a moment ago does not lead its group yet. One that is gone is
    left alone.
    """
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            send(pid, number)
