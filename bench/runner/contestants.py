"""Ways to run the modules, each with how many cases it has run in how many seconds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.domain.network import NetworkPolicy
from app.domain.outcomes import Outcome
from app.domain.plans import PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CheckFinished
from bench.runner import suite
from worker.engine import Engine

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be run."""

    base_url: str
    #: The modules as files, for pytest.
    files: tuple[Path, ...]
    #: The same as cases, for the engine.
    cases: tuple[PlannedCase, ...]
    #: Cases that run at once.
    jobs: int


#: Cases, and the seconds that they took.
Run = tuple[int, float]


def cpu_seconds(idle: Collection[psutil.Process]) -> float:
    """Spent by this process and all that it has started, ended or not, but for the idle ones."""
    own = os.times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in set(psutil.Process().children()) - set(idle):
        spent = child.cpu_times()
        total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


def subprocesses(work: Work, sample: int) -> Run:
    """A process with pytest for each module, one after the other; a sample of them."""
    chosen = work.files[:sample]
    began = time.perf_counter()
    for path in chosen:
        _pytest(work, [str(path)])
    return len(chosen), time.perf_counter() - began


def bare(work: Work, *options: str) -> Run:
    """One pytest over all modules."""
    began = time.perf_counter()
    _pytest(work, [*options, str(work.files[0].parent)])
    return len(work.files), time.perf_counter() - began


def _pytest(work: Work, arguments: Sequence[str]) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(_ROOT),
        # A module that was just written has none; the next round has to be like the first.
        "PYTHONDONTWRITEBYTECODE": "1",
        # Other plugins of this installation are none of its costs.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "TESTOPS_BASE_URL": work.base_url,
    }
    folder = work.files[0].parent
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder)),
            *("-p", "testops.plugin", "-p", "no:cacheprovider", *arguments),
        ],
        env=environment,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def executed(work: Work, engine: Engine) -> Run:
    """The engine, as a runner uses it: a shard for each of its threads."""
    shards = [_shard(work, number) for number in range(work.jobs)]
    began = time.perf_counter()
    with ThreadPoolExecutor(work.jobs) as pool:
        for outcomes in pool.map(lambda shard: list(_outcomes(engine, shard)), shards):
            if set(outcomes) != {Outcome.PASSED}:
                raise RuntimeError("Not every case has passed.")
    return len(work.cases), time.perf_counter() - began


def _shard(work: Work, number: int) -> Shard:
    return _planned(work, number, work.cases[number :: work.jobs])


def _planned(work: Work, number: int, cases: tuple[PlannedCase, ...]) -> Shard:
    target = Target(work.base_url, network=NetworkPolicy(allow_private=True))
    return Shard("bench", number, 1, target, cases, suite.contract())


def _outcomes(engine: Engine, shard: Shard) -> Iterator[Outcome]:
    for event in engine.execute(shard):
        if isinstance(event, CaseFinished):
            yield event.outcome


@dataclass(frozen=True, slots=True)
class Answered:
    """How long one case took to say something, in seconds."""

    first_event: float
    first_result: float


def clicked(work: Work, engine: Engine) -> Answered:
    """One case, as when somebody runs it from the browser."""
    shard = _planned(work, 0, work.cases[:1])
    began = time.perf_counter()
    events = engine.execute(shard)
    next(events)
    first = time.perf_counter() - began
    for event in events:
        if isinstance(event, CheckFinished):
            break
    result = time.perf_counter() - began
    list(events)
    return Answered(first, result)
