"""The sign of life of a process that answers no HTTP: a file touched by its loops.

    python -m bridge.heartbeat

is the health check: it succeeds while the file named by TESTOPS_HEARTBEAT_FILE is fresh. It imports
nothing but the standard library, since it is started every few seconds.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path

VARIABLE = "TESTOPS_HEARTBEAT_FILE"

#: Longer than any single step of a loop: a batch of results, one delivery of a notification.
FRESH_SECONDS = 60.0


class Heartbeat:
    """Touches a file once every loop has beaten since the last touch: the slowest one decides.

    Without a path it does nothing. Thread-safe.
    """

    def __init__(self, path: str, loops: Collection[str]) -> None:
        self._path = Path(path) if path else None
        self._loops = frozenset(loops)
        self._silent = set(self._loops)
        self._lock = threading.Lock()

    def beat(self, loop: str) -> None:
        """Say that the loop is alive."""
        if self._path is None:
            return
        with self._lock:
            self._silent.discard(loop)
            if not self._silent:
                self._path.touch()
                self._silent |= self._loops


def age_seconds(path: Path, now: float) -> float | None:
    """How long ago the file was touched; `now` is in seconds since 1970. None if it never was."""
    try:
        return now - path.stat().st_mtime
    except FileNotFoundError:
        return None


def check(environment: Mapping[str, str], now: float) -> str:
    """What is wrong with the heartbeat, in one line; empty when nothing is."""
    name = environment.get(VARIABLE, "")
    if not name:
        return f"{VARIABLE} is not set."
    age = age_seconds(Path(name), now)
    if age is None:
        return f"{name} is not there: the process is not ready."
    return "" if age < FRESH_SECONDS else f"{name} was last touched {age:.0f} s ago."


def main() -> int:
    """Exit status 0 while the process lives, else 1 and the reason."""
    problem = check(os.environ, time.time())
    sys.stderr.write(f"{problem}\n" if problem else "")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
