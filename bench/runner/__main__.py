"""`make bench-runner`: the engine against the usual ways of running pytest.

Rounds are interleaved: in each of them every contestant runs the same modules, written with our
library, against the same API, or modules with the same checks that do without it: each with a
client of httpx of its own, as a tutorial has them, or with one TLS context for all. The goals are
against those without, for our library is part of what is measured. No contestant finds anything
cached that an earlier round has left: neither pytest's bytecode nor what the engine could remember
of a script.
The CPU time of a case is that of all processes together, without the API's: it says what a case
costs where the machine is busy with something else too.
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
import psutil

from bench.figures import Goal, Measure, percentile
from bench.runner import contestants, suite
from bench.runner.contestants import Work
from worker.cage.wish import Wish
from worker.engine import Engine

RATE, COST, CLICK = "cases a second", "CPU time of a case", "one click"
#: The usual way: each module has its client of httpx, and with it a TLS context.
SUBPROCESS, BARE = "a process each", "one for all"
SHARED = "one for all, one TLS context"
#: The same with our library, which makes pytest itself faster.
OUR_SUBPROCESS, OUR_BARE = "a process each, our library", "one for all, our library"
OUR_XDIST = "pytest-xdist -n 2, our library"
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
        COST: Measure(COST, "ms", digits=1),
        CLICK: Measure(CLICK, "ms", digits=1),
    }
    with ExitStack() as stack:
        url = stack.enter_context(_api())
        work, plain, shared = (
            Work(url, suite.write(_folder(stack), modules), modules, jobs)
            for modules in (suite.cases(cases), suite.plain_cases(cases), suite.shared_cases(cases))
        )
        suite.write_shared(shared.files[0].parent)
        idle = set(psutil.Process().children())
        named = {name: stack.enter_context(engine) for name, engine in _engines().items()}
        contenders: dict[str, Callable[[], contestants.Run]] = {
            SUBPROCESS: partial(contestants.subprocesses, plain, sample),
            BARE: partial(contestants.bare, plain),
            SHARED: partial(contestants.bare, shared),
            **_with_ours(work, sample, named),
        }
        for number in range(rounds):
            click.echo(f"round {number + 1} of {rounds}")
            for name, run in contenders.items():
                if not only or any(part in name for part in only):
                    began = contestants.cpu_seconds(idle)
                    count, seconds = run()
                    spent = contestants.cpu_seconds(idle) - began
                    measures[RATE].add(name, count / seconds)
                    measures[COST].add(name, spent / count * 1000)
            _click(work, named[CAGED], measures[CLICK])
    for measure in measures.values():
        click.echo(f"\n{measure.table(() if measure.title == CLICK else (CAGED,))}")
    click.echo("\n" + "\n".join(goal.verdict(measures) for goal in GOALS))


def _folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))


def _engines() -> Mapping[str, Engine]:
    return {
        CAGED: Engine(),
        UNCAGED: Engine(cage=Wish(layers=frozenset())),
        PLAIN: Engine(shares_session=False),
    }


def _with_ours(
    work: Work, sample: int, engines: Mapping[str, Engine]
) -> dict[str, Callable[[], contestants.Run]]:
    return {
        OUR_SUBPROCESS: partial(contestants.subprocesses, work, sample),
        OUR_BARE: partial(contestants.bare, work),
        OUR_XDIST: partial(contestants.bare, work, "-p", "xdist", "-n", "2"),
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
