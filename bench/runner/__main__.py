"""`make bench-runner`: the engine against the usual ways of running pytest.

Rounds are interleaved: in each of them every contestant runs the same modules against the same API.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import click

from bench.figures import Goal, Measure, percentile
from bench.runner import contestants, suite
from bench.runner.contestants import Work
from worker.cage.wish import Wish
from worker.engine import Engine

RATE, CLICK = "cases a second", "one click"
SUBPROCESS, BARE, XDIST = "pytest, a process each", "pytest, one for all", "pytest-xdist -n 2"
CAGED, UNCAGED, PLAIN = "engine", "engine, no cage", "engine, a session each"

GOALS = (
    Goal(RATE, CAGED, SUBPROCESS, at_least=20.0),
    Goal(RATE, CAGED, BARE, at_least=1.5),
    Goal(RATE, CAGED, UNCAGED, at_least=0.85),
    Goal(CLICK, "first result, 95 of 100", None, at_most=150.0),
)


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often each contestant runs.")
@click.option("--cases", default=200, show_default=True, help="Modules of five checks each.")
@click.option("--jobs", default=2, show_default=True, help="Cases that the engine runs at once.")
@click.option("--sample", default=8, show_default=True, help="Modules with a process each.")
@click.option("--only", multiple=True, help="Part of a contestant's name; may be repeated.")
def main(rounds: int, cases: int, jobs: int, sample: int, only: tuple[str, ...]) -> None:
    """Measure and compare."""
    measures = {
        RATE: Measure(RATE, "1/s", digits=1),
        CLICK: Measure(CLICK, "ms", digits=1),
    }
    with ExitStack() as stack:
        url = stack.enter_context(_api())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        work = Work(url, suite.write(folder, cases), suite.cases(cases), jobs)
        named = {name: stack.enter_context(engine) for name, engine in _engines().items()}
        contenders = _contenders(work, sample, named)
        for number in range(rounds):
            click.echo(f"round {number + 1} of {rounds}")
            for name, run in contenders.items():
                if not only or any(part in name for part in only):
                    measures[RATE].add(name, run())
            _click(work, named[CAGED], measures[CLICK])
    for measure in measures.values():
        click.echo(f"\n{measure.table((CAGED,) if measure.title == RATE else ())}")
    click.echo("\n" + "\n".join(goal.verdict(measures) for goal in GOALS))


def _engines() -> Mapping[str, Engine]:
    return {
        CAGED: Engine(),
        UNCAGED: Engine(cage=Wish(layers=frozenset())),
        PLAIN: Engine(shares_session=False),
    }


def _contenders(
    work: Work, sample: int, engines: Mapping[str, Engine]
) -> Mapping[str, Callable[[], float]]:
    return {
        SUBPROCESS: partial(contestants.subprocesses, work, sample),
        BARE: partial(contestants.bare, work),
        XDIST: partial(contestants.bare, work, "-p", "xdist", "-n", "2"),
        **{name: partial(contestants.executed, work, engine) for name, engine in engines.items()},
    }


def _click(work: Work, engine: Engine, measure: Measure) -> None:
    answers = [contestants.clicked(work, engine) for _ in range(20)]
    for share, name in ((0.5, "50 of 100"), (0.95, "95 of 100")):
        events = percentile([one.first_event for one in answers], share)
        results = percentile([one.first_result for one in answers], share)
        measure.add(f"first event, {name}", events * 1000)
        measure.add(f"first result, {name}", results * 1000)


@contextmanager
def _api() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.runner.api"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("It was started with pipes.")
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


if __name__ == "__main__":
    main()
