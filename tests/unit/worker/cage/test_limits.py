"""Counting the threads of a user."""

from __future__ import annotations

import os
from pathlib import Path

from worker.cage import limits


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
