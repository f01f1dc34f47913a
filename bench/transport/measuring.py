"""The measurements, each of one contestant in one round."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figures import percentile
from bench.transport import app as apps
from bench.transport import contestants, probe, workers
from bench.transport.contestants import Contestant, Name
from bench.transport.probe import Way

#: The share of the tasks that is not timed: until then the worker is starting.
_STARTING: Final = 0.1
#: A worker that is slower is measured by what it has done until then.
_PATIENCE_SECONDS: Final = 20.0
_READY_SECONDS: Final = 60.0
#: Between two tasks of an idle worker.
_IDLE_SECONDS: Final = 0.025
_LATENCY_SECONDS: Final = 8.0


@dataclass(frozen=True, slots=True)
class Throughput:
    """What a worker under load did."""

    tasks_per_second: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Latency:
    """From before publishing until the task runs, in milliseconds."""

    p50: float
    p99: float


def throughput(contestant: Contestant, pool: str, tasks: int, folder: Path) -> Throughput:
    """Tasks that wait already, run by a worker that starts."""
    line = contestants.line(contestant)
    probe.fill(line, tasks)
    with workers.running(line, pool, folder) as worker:
        first = int(tasks * _STARTING)
        if not worker.await_count(first, time.monotonic() + _READY_SECONDS):
            return Throughput(0.0, worker.megabytes())
        began, at_first = time.monotonic(), worker.count()
        worker.await_count(tasks, began + _PATIENCE_SECONDS)
        done, spent = worker.count() - at_first, time.monotonic() - began
        return Throughput(done / spent, worker.megabytes())


def publishing(contestant: Contestant, way: Way, seconds: float) -> float | None:
    """Messages a second, None where there is no such way."""
    if way is Way.BATCH and not contestant.has_batch:
        return None
    if contestant.name is Name.RAW and way is Way.THREADS:
        return None
    answer = subprocess.run(
        [sys.executable, "-m", "bench.transport.probe", way, str(seconds)],
        input=contestants.line(contestant).to_json(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if answer.returncode:
        print(f"{contestant.name}, {way}: {answer.stderr.strip().splitlines()[-1]}")
        return None
    return float(answer.stdout)


def latency(contestant: Contestant, tasks: int, folder: Path) -> Latency | None:
    """One task at a time for a worker that has nothing to do, with several queues."""
    line = contestants.line(contestant)
    app = apps.create(line)
    with workers.running(line, "threads", folder) as worker:
        app.send_task(apps.LATE, (time.monotonic(),))
        if not worker.await_count(1, time.monotonic() + _READY_SECONDS):
            return None
        warm_up = worker.count()
        end = time.monotonic() + _LATENCY_SECONDS
        for _ in range(tasks):
            before = worker.count()
            app.send_task(apps.LATE, (time.monotonic(),))
            if not worker.await_count(before + 1, end):
                break
            time.sleep(_IDLE_SECONDS)
        lines = worker.notes.read_bytes()[warm_up:].split()
    times = [float(line) * 1000 for line in lines]
    return Latency(percentile(times, 0.5), percentile(times, 0.99)) if times else None
