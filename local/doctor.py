"""`testops doctor`: what this machine offers to run test scripts safely and fast."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version

import click

from app.errors import UnavailableError
from worker import session
from worker.cage.layers import WHAT, Promise
from worker.cage.policy import Policy, broken
from worker.cage.report import Finding, Report
from worker.engine import Engine

_TOO_WEAK = 1
#: Who sets the policy for the runner has the same one judged here.
POLICY = click.option(
    "--cage",
    "policy",
    type=click.Choice([str(each) for each in Policy]),
    envvar="TESTOPS_CAGE",
    show_envvar=True,
    help="The least acceptable cage.",
)


@click.command("doctor")
@POLICY
def doctor(policy: str | None) -> None:
    """Show what keeps test scripts to their own here, and what would be missed.

    Ends with 1 where that is less than the policy wants, by default "standard".
    """
    wanted = Policy(policy or Policy.STANDARD)
    for line in _surroundings():
        click.echo(line)
    try:
        with Engine() as engine:
            found = engine.cage
    except UnavailableError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(_TOO_WEAK)
    for line in (*_layers(found), *_promises(found)):
        click.echo(line)
    gaps = broken(wanted, found)
    click.echo(f"\nThe policy “{wanted}” is {'not ' if gaps else ''}met.")
    sys.exit(_TOO_WEAK if gaps else 0)


def _surroundings() -> Iterator[str]:
    lacks = session.unavailable()
    way = f"each case starts its own, which is slower: {lacks}" if lacks else "cases share one"
    user = "root" if os.geteuid() == 0 else "an ordinary user"
    yield f"System           {platform.system()} {platform.release()}, {platform.machine()}, {user}"
    yield f"Python           {platform.python_version()} at {sys.executable}"
    yield f"pytest           {version('pytest')}"
    yield f"pytest sessions  {way}"


def _layers(found: Report) -> Iterator[str]:
    yield "\nLayers of the cage"
    for finding in found.findings:
        yield _layer(finding)
        if finding.advice:
            yield f"{'':21}{finding.advice}"


def _layer(finding: Finding) -> str:
    sign = "+" if finding.holds else "-"
    about = WHAT[finding.layer] if finding.holds else f"missing: {finding.note}"
    note = f" ({finding.note})" if finding.holds and finding.note else ""
    return f"{sign} {finding.layer:<19}{about}{note}"


def _promises(found: Report) -> Iterator[str]:
    yield "\nA script"
    for promise in Promise:
        keepers = ", ".join(sorted(found.keepers(promise))) or "nothing"
        yield f"  {promise}: {keepers}"


def weakness(found: Report) -> str:
    """What to tell whoever runs scripts here; empty where every promise is kept."""
    gaps = broken(Policy.STANDARD, found)
    if not gaps:
        return ""
    promises = ", or that it ".join(gaps)
    return f"Nothing on this machine sees to it that a script {promises}; see `testops doctor`."
