"""The measurements, each of one contestant in one round."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.figures import percentile
from bench.transport import contestants, workers
from bench.transport.contestants import Contestant, Line, Name
from bench.transport.probe import Way

#: The share of the tasks that is not timed: until then the worker is starting.
_STARTING: Final = 0.1
#: A worker that is slower is measured by what it has done until then.
_PATIENCE_SECONDS: Final = 15.0
_READY_SECONDS: Final = 30.0
#: Queues that an idle worker reads; all but one of them stay empty.
_QUEUES: Final = 8
#: The first ones make connections.
_WARM_UP: Final = 5


@dataclass(frozen=True, slots=True)
class Throughput:
    """What a worker under load did."""

    tasks_per_second: float
    megabytes: float
    #: Processor time of the worker's processes for one task.
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Latency:
    """From before publishing until the task runs, in milliseconds."""

    p50: float
    p99: float


def throughput(contestant: Contestant, pool: str, tasks: int, folder: Path) -> Throughput:
    """Tasks that wait already, run by a worker that starts."""
    line = contestants.line(contestant)
    _probe(line, "fill", str(tasks))
    with workers.running(line, pool, folder) as worker:
        first = int(tasks * _STARTING)
        worker.await_count(first, time.monotonic() + _READY_SECONDS)
        began, at_first, cpu = time.monotonic(), worker.count(), worker.cpu_seconds()
        worker.await_count(tasks, began + _PATIENCE_SECONDS)
        done, spent = worker.count() - at_first, time.monotonic() - began
        used = worker.cpu_seconds() - cpu
        return Throughput(done / spent, worker.megabytes(), used * 1000 / done)


def publishing(contestant: Contestant, way: Way, seconds: float) -> float | None:
    """Messages a second, None where there is no such way."""
    if way is Way.BATCH and not contestant.has_batch:
        return None
    if contestant.name is Name.RAW and way is Way.THREADS:
        return None
    return float(_probe(contestants.line(contestant), "rate", way, str(seconds)))


def latency(contestant: Contestant, tasks: int, folder: Path) -> Latency | None:
    """One task at a time for a worker that has nothing to do, with several queues."""
    line = contestants.line(contestant, _QUEUES)
    with workers.running(line, "threads", folder) as worker:
        _probe(line, "idle", str(tasks + _WARM_UP), str(worker.notes))
        times = [float(text) * 1000 for text in worker.notes.read_bytes().split()]
    counted = times[_WARM_UP:] or times
    return Latency(percentile(counted, 0.5), percentile(counted, 0.99)) if counted else None


def _probe(line: Line, *arguments: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-m", "bench.transport.probe", *arguments],
        input=line.to_json(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if answer.returncode:
        raise RuntimeError(f"{line.contestant.name}, {arguments}: {answer.stderr[-2000:]}")
    return answer.stdout
