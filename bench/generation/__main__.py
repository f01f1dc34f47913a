"""`make bench-generation`: what the tests that are written offline are worth.

Valid: on correct APIs they pass. Strong: of an API's faults, switched on one at a time, they find
nearly all, and more than Schemathesis with fewer requests. A fault is found where something fails
that does not fail on the correct API; what fails there is a false alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bench import figures
from bench.generation import apis, contestants, reading, real
from bench.generation.apis import Faulty
from bench.generation.applications import CORRECT
from bench.generation.contestants import Contestant
from bench.generation.real import Real

OURS, THEIRS = "testops", "schemathesis"


@dataclass(frozen=True, slots=True)
class Score:
    """What a contestant found in one API."""

    found: tuple[str, ...]
    missed: tuple[str, ...]
    alarms: int
    #: Of the scan of the correct API.
    requests: int
    seconds: float


@click.command()
@click.option("--only", multiple=True, help="Part of an API's name; may be repeated.")
@click.option("--alone", is_flag=True, help=f"Without {THEIRS}, which takes the most time.")
@click.option(
    "--specs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="A folder of API descriptions to be read and written for; may be repeated.",
)
def main(only: tuple[str, ...], specs: tuple[Path, ...], *, alone: bool) -> None:
    """Measure and compare."""
    for line in reading.table(specs):
        click.echo(line)
    chosen = [each for each in real.all_of_them() if _is_chosen(each.name, only)]
    click.echo(figures.aligned([_VALID_HEAD, *(line for each in chosen for line in _valid(each))]))
    tools: dict[str, Contestant] = {OURS: contestants.testops}
    if not alone:
        tools[THEIRS] = contestants.schemathesis(real.executable("schemathesis"))
    lines = [_STRONG_HEAD]
    missed: list[str] = []
    for api in (each for each in apis.faulty() if _is_chosen(each.name, only)):
        for name, tool in tools.items():
            score = _score(api, name, tool)
            lines.append(_strong(api, name, score))
            missed.extend(f"  {name} misses in {api.name}: {fault}" for fault in score.missed)
    click.echo("\n" + figures.aligned(lines))
    click.echo("\n" + "\n".join(missed))


def _is_chosen(name: str, only: Sequence[str]) -> bool:
    return not only or any(part in name for part in only)


_VALID_HEAD = [
    *("valid: checks of a real API", "run", "pass", "the API is wrong", "false alarms", "skipped"),
    "valid",
]


def _valid(api: Real) -> Iterator[list[str]]:
    with api.start() as started:
        report = contestants.testops(started)
    reasons = Counter(
        api.why(operation, check, message)
        for (operation, check), message in report.messages.items()
    )
    alarms = reasons.pop("", 0)
    wrong, passed = reasons.total(), report.outcomes.get("passed", 0)
    run = passed + wrong + alarms
    share = f"{(passed + wrong) / max(run, 1):.1%}"
    skipped = report.outcomes.get("skipped", 0)
    yield [api.name, *map(str, (run, passed, wrong, alarms, skipped)), share]
    for why, count in reasons.most_common():
        click.echo(f"  {api.name}: {count} of {why}")
    for (operation, check), message in report.messages.items():
        if not api.why(operation, check, message):
            click.echo(f"  {api.name}: FALSE ALARM? {operation} {check}: {message[:300]}")


_STRONG_HEAD = [
    *("strong: an API with faults", "by", "found", "of", "false alarms", "requests", "seconds"),
]


def _strong(api: Faulty, name: str, score: Score) -> list[str]:
    counts = (len(score.found), len(api.faults), score.alarms, score.requests)
    return [api.name, name, *map(str, counts), f"{score.seconds:.1f}"]


def _score(api: Faulty, name: str, tool: Contestant) -> Score:
    with api.start(CORRECT) as correct:
        usual = tool(correct)
    found = []
    for number, fault in enumerate(api.faults, 1):
        click.echo(f"\r{api.name}, {name}: {number} of {len(api.faults)}", nl=False)
        with api.start(fault) as started:
            if tool(started).failing - usual.failing:
                found.append(fault)
    click.echo("\r" + " " * 60 + "\r", nl=False)
    missed = tuple(fault for fault in api.faults if fault not in found)
    return Score(tuple(found), missed, len(usual.failing), correct.requests, usual.seconds)


if __name__ == "__main__":
    main()
