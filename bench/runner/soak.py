"""`make soak-runner`: thousands of cases while processes are killed at random.

Every case must come to exactly one end, one that its script or a kill explains, and when the engine
has ended nothing of it may be left: no process, no file, no descriptor; nor may it have grown.
"""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import click
import psutil

from app.domain.outcomes import Outcome
from app.domain.plans import Limits, PlannedCase, Shard, Target
from app.domain.results import CaseFinished, CheckFinished
from worker.engine import Engine

#: Scripts, and what they come to where nothing is killed.
SCRIPTS: Mapping[str, tuple[str, Outcome]] = {
    "passes": ("def test_a(): pass\ndef test_b(): print('x' * 1000)", Outcome.PASSED),
    "fails": ("def test_a(): assert 1 == 2\ndef test_b(): pass", Outcome.FAILED),
    "leaves": ("import os\ndef test_a(): pass\ndef test_b(): os._exit(0)", Outcome.ERRORED),
    "writes": (
        "def test_a():\n    for n in range(20):\n        open(f'{n}', 'w').write('x' * 1000)",
        Outcome.PASSED,
    ),
    # Until it is killed, or interrupted at its limit.
    "hangs": ("import time\ndef test_a():\n    while True: time.sleep(0.01)", Outcome.ERRORED),
    # As long as a check that asks an API.
    "waits": ("import time\ndef test_a(): time.sleep(0.05)", Outcome.PASSED),
}
#: The growth that is still noise, in bytes.
GROWTH = 16 * 1024**2
#: How often each is drawn.
_WEIGHTS = (40, 20, 10, 15, 1, 14)
_LIMITS = Limits(case_seconds=2.0, check_seconds=1.0)
_SHARD = 20


@dataclass(slots=True)
class Findings:
    """What was seen, and what of it is wrong."""

    ends: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    #: Resident memory of this process after each shard, in bytes.
    memory: list[int] = field(default_factory=list)
    seconds: float = 0.0

    def grown(self) -> int:
        """By how much memory grew from the second third of the shards to the last, in bytes."""
        third = max(len(self.memory) // 3, 1)
        return sum(self.memory[-third:]) // third - sum(self.memory[third : 2 * third]) // third


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is run, and how much of it is killed."""

    cases: int
    jobs: int = 2
    seed: int = 0
    #: A kill so often, on average.
    kill_seconds: float = 0.3
    #: Of a hundred kills, how many are of the warm parent; as many are of its oldest child, which
    #: may be a process of the cage.
    parents: int = 2


def soak(plan: Plan, *, progress: Callable[[int], None] = lambda _: None) -> Findings:
    """Run the cases, kill, and look at what is left."""
    findings = Findings()
    began, before = time.monotonic(), _descriptors()
    family: set[psutil.Process] = set()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, _temporary_files_in(folder):
        with (
            Engine() as engine,
            _killer(plan, findings, family),
            ThreadPoolExecutor(plan.jobs) as pool,
        ):
            for _ in pool.map(lambda shard: _run(engine, shard, findings), _shards(plan)):
                findings.memory.append(psutil.Process().memory_info().rss)
                progress(findings.ends.total())
        findings.wrong += [f"a file is left: {each}" for each in Path(folder).iterdir()]
    findings.wrong += [f"a process is left: {each}" for each in family if _lives(each)]
    if left := _descriptors() - before:
        findings.wrong.append(f"descriptors are left: {sorted(left)}")
    findings.wrong += [f"{case} ended {n} times" for case, n in findings.ends.items() if n != 1]
    if (ended := len(findings.ends)) != plan.cases:
        findings.wrong.append(f"{ended} cases ended, of {plan.cases}")
    if findings.grown() > GROWTH:
        findings.wrong.append(f"memory grew by {findings.grown() // 2**20} MiB")
    findings.seconds = time.monotonic() - began
    return findings


def _shards(plan: Plan) -> Iterator[Shard]:
    dice = random.Random(plan.seed)  # noqa: S311 - the same cases again, nothing secret
    kinds = dice.choices(list(SCRIPTS), _WEIGHTS, k=plan.cases)
    cases = tuple(
        PlannedCase(f"{kind}-{n}", "GET /", "test_it.py", SCRIPTS[kind][0])
        for n, kind in enumerate(kinds)
    )
    for start in range(0, plan.cases, _SHARD):
        yield Shard(
            run_id="soak",
            number=start,
            attempt=1,
            target=Target("http://127.0.0.1:9"),
            cases=cases[start : start + _SHARD],
            contract="{}",
            limits=_LIMITS,
        )


def _run(engine: Engine, shard: Shard, findings: Findings) -> None:
    passed: set[str] = set()
    for event in engine.execute(shard):
        if isinstance(event, CheckFinished) and event.outcome is Outcome.PASSED:
            passed.add(event.case_id)
        if isinstance(event, CaseFinished):
            findings.ends[event.case_id] += 1
            findings.outcomes[event.outcome] += 1
            findings.wrong += objections(event, had_pass=event.case_id in passed)


def objections(event: CaseFinished, *, had_pass: bool) -> Iterator[str]:
    """A kill makes an error of any case, and nothing else of it."""
    expected = SCRIPTS[event.case_id.partition("-")[0]][1]
    if event.outcome not in {expected, Outcome.ERRORED}:
        yield f"{event.case_id} is {event.outcome}: {event.message}"
    if event.outcome is Outcome.ERRORED and event.message and had_pass:
        yield f"{event.case_id} has a pass though it broke: {event.message}"


@contextlib.contextmanager
def _killer(plan: Plan, findings: Findings, family: set[psutil.Process]) -> Iterator[None]:
    """Kill at random while the body runs; `family` gets every process that was seen."""
    stop = threading.Event()
    dice = random.Random(plan.seed + 1)  # noqa: S311 - as above

    def kill() -> None:
        while not stop.wait(dice.expovariate(1 / plan.kill_seconds)):
            with contextlib.suppress(psutil.Error):
                _kill_one(plan, dice, findings, _warm_parents(), family)

    thread = threading.Thread(target=kill, name="killer")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _warm_parents() -> list[psutil.Process]:
    return [each for each in psutil.Process().children() if "worker.parent" in each.cmdline()]


def _kill_one(
    plan: Plan,
    dice: random.Random,
    findings: Findings,
    parents: list[psutil.Process],
    family: set[psutil.Process],
) -> None:
    families = [sorted(each.children(), key=psutil.Process.create_time) for each in parents]
    family.update(parents, *families)
    number = dice.randrange(100)
    if number < plan.parents:
        kind, victims = "warm parent", parents
    elif number < 2 * plan.parents:
        kind, victims = "oldest child", [each[0] for each in families if each]
    else:
        kind, victims = "child", [child for each in families for child in each[1:]]
    if victims:
        dice.choice(victims).kill()
        findings.kills[kind] += 1


@contextlib.contextmanager
def _temporary_files_in(folder: str) -> Iterator[None]:
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield
    finally:
        tempfile.tempdir = before


def _descriptors() -> set[str]:
    """What is open: where each descriptor leads, sockets and pipes with their numbers."""
    found = set()
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(f"{each.name} {each.readlink()}")
    return {each for each in found if "/proc/" not in each}


def _lives(process: psutil.Process, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while process.is_running() and time.monotonic() < deadline:
        # A process of another's child cannot be waited for, only looked at.
        time.sleep(0.01)
    return process.is_running()


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


@click.command()
@click.option("--cases", default=5000, show_default=True)
@click.option("--jobs", default=2, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--kill-seconds", default=0.3, show_default=True, help="A kill so often, on average.")
def main(cases: int, jobs: int, seed: int, kill_seconds: float) -> None:
    """Soak the engine; fails where anything is wrong."""
    findings = soak(
        Plan(cases, jobs, seed, kill_seconds),
        progress=lambda n: click.echo(f"\r{n} of {cases}", nl=False),
    )
    click.echo(f"\r{len(findings.ends)} cases in {findings.seconds:.0f} s")
    click.echo(f"outcomes: {_told(findings.outcomes)}")
    click.echo(f"kills: {_told(findings.kills)}")
    click.echo(
        f"memory: {findings.memory[-1] / 2**20:.0f} MiB,"
        f" grown by {findings.grown() / 2**20:.1f} MiB"
    )
    for line in findings.wrong:
        click.echo(f"WRONG {line}")
    sys.exit(bool(findings.wrong))


if __name__ == "__main__":
    main()
