"""When a warm parent is replaced."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from worker.renewal import Age, Endurance, installed, resident_bytes

#: More than the process of many tests has grown to.
ENOUGH = 2**60


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_parent_is_good_for_so_many_forks() -> None:
    age = Age(Endurance(forks=2, resident_bytes=ENOUGH))
    age.forks = 1
    assert age.objection(os.getpid()) == ""
    age.forks = 2
    assert age.objection(os.getpid()) == "it has forked 2 times"


def test_a_parent_that_has_grown_is_replaced() -> None:
    grown = Age(Endurance(resident_bytes=1024**2)).objection(os.getpid())
    assert grown.startswith("it has grown to ")
    assert Age(Endurance(resident_bytes=ENOUGH)).objection(os.getpid()) == ""


def test_the_memory_of_a_process_that_is_gone_is_none() -> None:
    assert resident_bytes(os.getpid()) > 1024**2
    assert resident_bytes(2**22 + 1) == 0


def test_other_libraries_are_seen_when_it_is_time_to_look(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "one-1.0.dist-info").mkdir()
    age = Age(
        Endurance(look_seconds=5, resident_bytes=ENOUGH),
        clock,
        (str(tmp_path), str(tmp_path / "missing")),
    )
    clock.now = 6
    assert age.objection(os.getpid()) == ""
    (tmp_path / "two-1.0.dist-info").mkdir()
    clock.now = 10
    assert age.objection(os.getpid()) == ""
    clock.now = 11
    assert age.objection(os.getpid()) == "other libraries were installed"


def test_only_what_installers_leave_counts(tmp_path: Path) -> None:
    """Compiled modules and files of the working directory change all the time."""
    (tmp_path / "old.egg-info").mkdir()
    before = installed((str(tmp_path),))
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / ".coverage").touch()
    assert installed((str(tmp_path),)) == before
    os.utime(tmp_path / "old.egg-info", (1, 1))
    assert installed((str(tmp_path),)) != before
