"""`make bench-progress`: how soon the page of a run shows what happened.

The whole platform is started as compose has it, a process each, on PostgreSQL and a real Apache
Kafka. Somebody signs in, starts a run and looks at its page, which is told of changes by
server-sent events and then asks for what it shows. The fact is the API's answer to a check that
finds something, which is told at once; and to the last check of its case for one that passes, for
nobody knows before that case has ended that it did.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Final

import click

from app.domain.outcomes import Outcome
from app.views.ui.result_list import LIMIT
from bench.figures import Goal, Measure, percentile
from bench.progress import facts, platform, suite
from bench.progress.facts import Check
from bench.progress.page import Browser
from bench.progress.platform import Platform
from bench.transport.servers import MissingError

RED, PASSED = "found something", "passed"
TOLD, SHOWN = "until the page is told", "until the page shows it"
PRICE: Final = "CPU of the web process while it is looked at"
UNITS: Final = {PRICE: "% of a core"}
HALF, MOST, LAST = "50 of 100", "95 of 100", "the last"
SHARES: Final = {HALF: 0.5, MOST: 0.95, LAST: 1.0}

#: What each step takes, one after the other.
STEPS: Final[Mapping[str, Callable[[Check], float]]] = {
    "answer to event: the engine": lambda check: check.published - check.answered,
    "event to transaction: Kafka": lambda check: check.begun - check.published,
    "transaction: PostgreSQL": lambda check: check.committed - check.begun,
    "commit to page: server-sent event": lambda check: check.told - check.committed,
    "page asks and has it": lambda check: check.shown - check.told,
}

GOALS: Final = [
    Goal(f"{what}, {kind}", MOST, None, at_most=200.0)
    for what in (TOLD, SHOWN)
    for kind in (RED, PASSED)
]


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Runs that are looked at.")
@click.option(
    "--cases",
    # All of them stand on the page at once.
    type=click.IntRange(1, LIMIT // suite.CHECKS),
    default=20,
    show_default=True,
    help="Cases of five checks each in a run.",
)
@click.option("--answer-ms", default=50.0, show_default=True, help="What the API takes to answer.")
def main(rounds: int, cases: int, answer_ms: float) -> None:
    """Measure, and say where the time goes."""
    try:
        measures = measured(rounds, cases, answer_ms)
    except MissingError as error:
        raise click.ClickException(f"{error}.") from error
    for measure in measures.values():
        click.echo(f"\n{measure.table(())}")
    click.echo("\n" + "\n".join(goal.verdict(measures) for goal in GOALS))


def measured(rounds: int, cases: int, answer_ms: float) -> dict[str, Measure]:
    """Every table; raises MissingError where Kafka cannot be run."""
    measures: dict[str, Measure] = {}
    with platform.running(answer_ms) as running:
        with running.sessions.begin() as session:
            suite_id = suite.write(session, running.api_url, cases, running.settings)
        with closing(Browser(running.url)) as browser:
            for number in range(rounds):
                click.echo(f"round {number + 1} of {rounds}: ", nl=False)
                for table, found in _look(running, browser, suite_id).items():
                    measure = measures.setdefault(table, Measure(table, UNITS.get(table, "ms")))
                    for row, figure in found.items():
                        measure.add(row, figure)
    return measures


def _look(running: Platform, browser: Browser, suite_id: str) -> dict[str, dict[str, float]]:
    """One round: the rows of each table."""
    before, began = running.web_seconds(), time.monotonic()
    seen = browser.watch(suite_id)
    spent, took = running.web_seconds() - before, time.monotonic() - began
    checks = facts.of_run(running, seen)
    click.echo(
        f"{len(checks)} checks in {took:.1f} s; the page was told {len(seen.told)} times and "
        f"asked {seen.asked} times"
    )
    return {**figures(checks), PRICE: {"one page": spent / took * 100}}


def figures(checks: Sequence[Check]) -> dict[str, dict[str, float]]:
    """What the tables say of these checks, in milliseconds."""
    tables: dict[str, dict[str, float]] = {}
    for kind, is_red in ((RED, True), (PASSED, False)):
        of_kind = [check for check in checks if (check.outcome is not Outcome.PASSED) == is_red]
        tables[f"{TOLD}, {kind}"] = _spread([one.told - one.answered for one in of_kind])
        tables[f"{SHOWN}, {kind}"] = _spread([one.shown - one.answered for one in of_kind])
    for name in (HALF, MOST):
        tables[f"steps, {name}"] = {
            step: percentile([seconds(check) for check in checks], SHARES[name]) * 1000
            for step, seconds in STEPS.items()
        }
    return tables


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {name: percentile(seconds, share) * 1000 for name, share in SHARES.items()}


if __name__ == "__main__":
    main()
