"""A Celery worker as a process, and what its tasks have noted."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from bench.transport import app as apps
from bench.transport.contestants import Line
from tests.shared_material import ROOT

CONCURRENCY: Final = 2
_STOP_SECONDS: Final = 20.0


class Worker:
    """One that runs."""

    def __init__(self, process: subprocess.Popen[bytes], notes: Path) -> None:
        self._process = psutil.Process(process.pid)
        self.notes = notes

    def count(self) -> int:
        """How many bytes the tasks have written: those of `tick` one each."""
        return self.notes.stat().st_size

    def megabytes(self) -> float:
        """Resident memory of the worker and its children."""
        return sum(process.memory_info().rss for process in self._everyone()) / 1e6

    def cpu_seconds(self) -> float:
        """Processor time of the worker and its children so far."""
        return sum(sum(process.cpu_times()[:2]) for process in self._everyone())

    def _everyone(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]

    def await_count(self, count: int, deadline: float) -> bool:
        """Wait until so much was written; false when it is too late."""
        while self.count() < count:
            if time.monotonic() > deadline:
                return False
            # Looking more often would take a core from the workers that are measured.
            time.sleep(0.002)
        return True


@contextlib.contextmanager
def running(line: Line, pool: str, folder: Path) -> Iterator[Worker]:
    """A worker of all queues of a line."""
    notes = folder / line.queues[0]
    notes.touch()
    with notes.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "bench.transport.worker_app", "worker",
             "-P", pool, "-c", str(CONCURRENCY), "-l", "WARNING",
             "--without-gossip", "--without-mingle", "--without-heartbeat"],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, apps.LINE: line.to_json(), apps.NOTES: str(notes)},
        )  # fmt: skip
    try:
        yield Worker(process, notes)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
