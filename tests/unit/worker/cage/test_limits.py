"""The limits of a case, and counting the threads of a user."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from worker.cage import limits
from worker.cage.cell import Cell, Place
from worker.cage.layers import Layer

_NONE = resource.RLIM_INFINITY


def lowered(
    monkeypatch: pytest.MonkeyPatch, *layers: Layer, present: int = _NONE
) -> dict[int, tuple[int, int]]:
    """The limits that a cell sets, soft and hard; this process keeps its own."""
    found: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "getrlimit", lambda _: (present, present))
    monkeypatch.setattr(resource, "setrlimit", found.__setitem__)
    monkeypatch.setattr(limits, "threads_of", lambda _: 40)
    cell = Cell(layers=frozenset({Layer.LIMITS, *layers}))
    for applied, apply in cell.steps(Place("nowhere", cpu_seconds=5, memory_bytes=2**30)):
        if Layer.LIMITS in applied:
            apply()
    return found


def test_a_case_has_limits_and_is_told_before_its_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert lowered(monkeypatch) == {
        resource.RLIMIT_CPU: (5, 6),
        resource.RLIMIT_AS: (2**30, 2**30),
        resource.RLIMIT_FSIZE: (limits.FILE_BYTES, limits.FILE_BYTES),
        resource.RLIMIT_NOFILE: (256, 256),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NPROC: (168, 168),
    }


def test_no_limit_is_raised_above_the_present_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = lowered(monkeypatch, present=5)
    assert found.pop(resource.RLIMIT_CORE) == (0, 0)
    assert set(found.values()) == {(5, 5)}


@pytest.mark.parametrize("layer", [Layer.OWN_USER, Layer.PROCESSES])
def test_who_is_counted_alone_gets_no_threads_for_others(
    monkeypatch: pytest.MonkeyPatch, layer: Layer
) -> None:
    assert lowered(monkeypatch, layer)[resource.RLIMIT_NPROC] == (128, 128)


def test_threads_of_a_user_are_counted_over_all_processes(tmp_path: Path) -> None:
    for pid, user, threads in [(1, 0, 5), (2, 7, 3), (30, 7, 4)]:
        folder = tmp_path / str(pid)
        folder.mkdir()
        text = f"Name:\tit\nUid:\t{user}\t0\t0\t0\nThreads:\t{threads}\n"
        (folder / "status").write_text(text)
    # It has ended since the folder was listed.
    (tmp_path / "4" / "status").mkdir(parents=True)
    assert limits.threads_of(7, tmp_path) == 7
    assert limits.threads_of(8, tmp_path) == 0


def test_our_own_are_among_them() -> None:
    assert limits.threads_of(os.geteuid()) >= 1
