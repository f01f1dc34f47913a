"""`make bench-transport`: this transport against others, in turns, in one run.

python -m bench.transport [--rounds N] [--only WORD]…
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from bench.figures import Goal, Measure
from bench.transport import contestants, measuring, servers
from bench.transport.contestants import Contestant, Name
from bench.transport.probe import Way

_OURS: Final = (Name.KAFKA, Name.EMBEDDED)
#: Their workers are no others, or there is none.
_ONLY_PUBLISH: Final = frozenset({Name.AHEAD, Name.MEMORY, Name.RAW, Name.CONFIRMED})
_POOLS: Final = ("threads", "prefork")
_ROUND_TRIP_MS: Final = 10.0
_PUBLISH_SECONDS: Final = 2.0
_FAR_SECONDS: Final = 2.0
_WARM_UP_SECONDS: Final = 3.0

_THREADS: Final = "tasks, threads"
_PREFORK: Final = "tasks, prefork"
_PUBLISH: Final = "publish, single"
GOALS: Final = [
    Goal(_THREADS, Name.KAFKA, Name.RABBITMQ, at_least=1.5),
    Goal(_THREADS, Name.KAFKA, Name.REDIS, at_least=4),
    Goal(_PREFORK, Name.KAFKA, Name.RABBITMQ, at_least=1.2),
    Goal(_PUBLISH, Name.KAFKA, Name.RABBITMQ, at_least=1),
    Goal(_PUBLISH, Name.KAFKA, Name.REDIS, at_least=1),
    Goal(_PUBLISH, Name.KAFKA, Name.MEMORY, at_least=0.8),
    # One that waits for replicas against one that does; the way that does not against the others.
    Goal(_PUBLISH, Name.KAFKA, Name.CONFIRMED, at_least=1),
    Goal(_PUBLISH, Name.AHEAD, Name.RABBITMQ, at_least=1),
    Goal(_PUBLISH, Name.AHEAD, Name.REDIS, at_least=1),
    Goal(_PUBLISH, Name.AHEAD, Name.MEMORY, at_least=0.8),
    Goal("idle p50", Name.KAFKA, None, at_most=5),
    Goal("idle p99", Name.KAFKA, None, at_most=15),
]


@dataclass(slots=True)
class Run:
    """What is measured, of whom, and what came out."""

    folder: Path
    tasks: int
    only: tuple[str, ...]
    near: list[Contestant] = field(default_factory=list)
    far: list[Contestant] = field(default_factory=list)
    measures: dict[str, Measure] = field(default_factory=dict)

    def measure(self, title: str, unit: str, name: Name, act: Callable[[], float | None]) -> None:
        """Measure once, unless the user wants other things only."""
        if self.only and not any(word in f"{title} {name}" for word in self.only):
            return
        figure = act()
        if figure is not None:
            measure = self.measures.setdefault(title, Measure(title, unit))
            measure.add(name, figure)
            measure.digits = 1 if unit == "ms" else 0
            print(f"  {title:24} {name:20} {figure:10,.1f} {unit}", flush=True)


def throughput(run: Run) -> None:
    """Tasks that wait, by pool; and what memory and processor time the worker took for them."""
    for pool in _POOLS:
        for one in run.near:
            if one.name not in _ONLY_PUBLISH:
                _throughput(run, one, pool)


def _throughput(run: Run, one: Contestant, pool: str) -> None:
    found: list[measuring.Throughput] = []

    def act() -> float:
        found.append(measuring.throughput(one, pool, run.tasks, run.folder))
        return found[0].tasks_per_second

    run.measure(f"tasks, {pool}", "a second", one.name, act)
    for it in found:
        memory = run.measures.setdefault(f"memory, {pool}", Measure(f"memory, {pool}", "MB"))
        memory.add(one.name, it.megabytes)
        # The rate depends on what else the machine does; this hardly does.
        cpu = run.measures.setdefault(
            f"CPU, {pool}", Measure(f"CPU, {pool}", "ms a task", digits=2)
        )
        cpu.add(one.name, it.cpu_ms)


def publishing(run: Run) -> None:
    """Publishing, in every way."""
    _publishing(run, run.near, list(Way), "publish", _PUBLISH_SECONDS)


def publishing_far(run: Run) -> None:
    """The same to brokers that are far."""
    _publishing(run, run.far, list(Way), f"publish, {_ROUND_TRIP_MS:.0f} ms", _FAR_SECONDS)


def _publishing(
    run: Run, whom: list[Contestant], ways: list[Way], title: str, seconds: float
) -> None:
    for way in ways:
        for one in whom:
            run.measure(
                f"{title}, {way}", "a second", one.name,
                lambda one=one, way=way: measuring.publishing(one, way, seconds),  # type: ignore[misc]
            )  # fmt: skip


def latency(run: Run) -> None:
    """An idle worker."""
    for one in run.near:
        if one.name not in _ONLY_PUBLISH:
            _latency(run, one)


def _latency(run: Run, one: Contestant) -> None:
    found: list[measuring.Latency] = []

    def act() -> float | None:
        it = measuring.latency(one, 150, run.folder)
        if it is not None:
            found.append(it)
        return it.p50 if it is not None else None

    run.measure("idle p50", "ms", one.name, act)
    for it in found:
        run.measures.setdefault("idle p99", Measure("idle p99", "ms", digits=1)).add(
            one.name, it.p99
        )


def warm_up(run: Run) -> None:
    """Let servers that compile while they run, as Kafka and RabbitMQ do, get to speed."""
    for one in run.near:
        measuring.publishing(one, Way.SINGLE, _WARM_UP_SECONDS)


@contextlib.contextmanager
def field_of(folder: Path) -> Iterator[tuple[list[Contestant], list[Contestant]]]:
    """All brokers that this machine can run, near and behind a delay."""
    near: list[Contestant] = []
    far: list[Contestant] = []
    with contextlib.ExitStack() as stack:
        for begin in (_embedded, _kafka, _redis, _rabbitmq):
            home = folder / begin.__name__
            home.mkdir()
            try:
                begin(stack, home, near, far)
            except servers.MissingError as error:
                print(f"left out: {error}")
        near.append(contestants.MEMORY)
        yield near, far


def _embedded(
    stack: contextlib.ExitStack, home: Path, near: list[Contestant], _far: list[Contestant]
) -> None:
    address = stack.enter_context(servers.embedded(home))
    near.append(contestants.ours(Name.EMBEDDED, address, "auto"))


def _kafka(
    stack: contextlib.ExitStack, home: Path, near: list[Contestant], far: list[Contestant]
) -> None:
    kafka = stack.enter_context(servers.kafka(home))
    near.append(contestants.ours(Name.KAFKA, kafka.address, "create"))
    near.append(contestants.ahead(kafka.address))
    near.append(contestants.kombus(kafka.address))
    near.append(contestants.raw(kafka.address))
    behind = f"127.0.0.1:{kafka.near_port}"
    address = stack.enter_context(servers.delayed(behind, _ROUND_TRIP_MS, kafka.far_port))
    far.append(contestants.ours(Name.KAFKA, address, "create"))
    far.append(contestants.ahead(address))
    far.append(contestants.kombus(address))
    far.append(contestants.raw(address))


def _redis(
    stack: contextlib.ExitStack, home: Path, near: list[Contestant], far: list[Contestant]
) -> None:
    address = stack.enter_context(servers.redis(home))
    near.append(contestants.redis(address))
    far.append(contestants.redis(stack.enter_context(servers.delayed(address, _ROUND_TRIP_MS))))


def _rabbitmq(
    stack: contextlib.ExitStack, home: Path, near: list[Contestant], far: list[Contestant]
) -> None:
    address = stack.enter_context(servers.rabbitmq(home))
    near += [contestants.rabbitmq(address), contestants.confirmed(address)]
    away = stack.enter_context(servers.delayed(address, _ROUND_TRIP_MS))
    far += [contestants.rabbitmq(away), contestants.confirmed(away)]


def report(run: Run) -> None:
    """Tables, and whether the goals are reached."""
    for measure in run.measures.values():
        print(f"\n{measure.table(_OURS)}")
    print()
    for goal in GOALS:
        print(goal.verdict(run.measures))


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often everything is measured.")
@click.option("--tasks", default=8000, show_default=True, help="Tasks of a worker under load.")
@click.option("--only", multiple=True, help="Only what has this word in its title or contestant.")
def main(rounds: int, tasks: int, only: tuple[str, ...]) -> None:
    """Measure this Celery transport against others on this machine."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, field_of(Path(name)) as (near, far):
        run = Run(Path(name), tasks, only, near, far)
        warm_up(run)
        for number in range(1, rounds + 1):
            print(f"round {number} of {rounds}", flush=True)
            for measure in (throughput, publishing, latency, publishing_far):
                measure(run)
        report(run)
    print(f"\n{rounds} rounds in {(time.monotonic() - began) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
