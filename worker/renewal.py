"""When a warm parent has had its time: its libraries changed, or it has grown.

A parent has imported its libraries once, so it does not see that they were replaced; and every page
that it gains is copied into each of its children.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: What pip leaves for each installed distribution.
_METADATA = (".dist-info", ".egg-info")

#: Names and times of change of what is installed.
Libraries = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Endurance:
    """What one warm parent is good for."""

    #: Children that it forks before it is replaced.
    forks: int = 10_000
    #: Resident memory above which it is replaced; a fresh one has about 80 MiB, and 50 more once it
    #: has drawn inputs.
    resident_bytes: int = 512 * 1024**2
    #: How often it is looked after whether other libraries were installed.
    look_seconds: float = 1.0


def installed(folders: Sequence[str]) -> Libraries:
    """What is installed in folders such as those of `sys.path`; missing ones are empty."""
    return frozenset(each for folder in folders for each in _distributions(folder))


def _distributions(folder: str) -> Iterator[tuple[str, int]]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(_METADATA):
                    yield entry.path, entry.stat().st_mtime_ns
    except OSError:
        # A folder that is not there, or an entry that is just being replaced.
        return


def resident_bytes(pid: int) -> int:
    """The resident memory of a process (proc(5)); 0 where there is no such file."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Age:
    """What one warm parent has gone through so far."""

    endurance: Endurance
    clock: Callable[[], float] = time.monotonic
    folders: Sequence[str] = field(default_factory=lambda: tuple(sys.path))
    forks: int = 0
    _libraries: Libraries = field(init=False)
    _looked: float = field(init=False)

    def __post_init__(self) -> None:
        """Remember what it will have imported."""
        self._libraries = installed(self.folders)
        self._looked = self.clock()

    def objection(self, pid: int) -> str:
        """Why this process should fork no further child; empty while it may."""
        if self.forks >= self.endurance.forks:
            return f"it has forked {self.forks} times"
        if (resident := resident_bytes(pid)) > self.endurance.resident_bytes:
            return f"it has grown to {resident // 1024**2} MiB"
        return "other libraries were installed" if self._has_other_libraries() else ""

    def _has_other_libraries(self) -> bool:
        if self.clock() - self._looked < self.endurance.look_seconds:
            return False
        self._looked = self.clock()
        return installed(self.folders) != self._libraries
