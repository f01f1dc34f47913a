"""The local commands: write, exec and scan. No database, broker or server takes part.

Exit status: 0 all passed, 1 a check failed or erred, 2 usage, 3 the description or the target
cannot be read.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import click
from rich.console import Console

from app.domain.plans import Target
from app.domain.scripts.deciding import Side
from app.openapi import loading, reading
from app.openapi.model import ApiDescription
from local import (
    doctor,
    execution,
    findings,
    identities,
    options,
    probing,
    progress,
    projects,
    reports,
    summary,
    targeting,
    writing,
)
from local.findings import Finding, Leftover
from local.options import Options
from worker.cage.policy import Policy
from worker.cage.wish import Wish
from worker.engine import Engine

_NOT_GREEN = 1
#: Shown of what could not be used in a description.
_PROBLEMS = 20


@click.command("write")
@click.argument("spec")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The project's folder.")
@options.SEED
@click.option(
    "--conflicts",
    type=click.Choice([side.value for side in Side]),
    help="What stands where a check was edited and is written in another way; without it the edited"
    " text does, and is told each time.",
)
def write(spec: str, out: Path, seed: int, conflicts: str | None) -> None:
    """Write a pytest project from SPEC, the path or URL of an OpenAPI description.

    Into a project that is there already, what somebody changed in it stays.

    SPEC may also be a folder or zip archive with one, a Postman collection, a HAR recording, a curl
    command in quotes, or "-" for the input. Nothing is sent to the API.
    """
    with targeting.errors_as_exit_statuses():
        description = _read(spec)
        side = Side(conflicts) if conflicts else None
        written = writing.write(description, out, seed=seed, side=side)
    for line in written.told():
        click.echo(line)
    click.echo(f"Wrote {written.modules} test modules for {description.title} into {out}.")


@click.command("import")
@click.argument("spec")
@click.option(
    "--out", default="-", show_default=True, type=click.File("wb"), help="Where it is written."
)
def import_(spec: str, out: BinaryIO) -> None:
    """Tell SPEC, a Postman collection, a HAR recording or curl commands, as OpenAPI 3.1.

    The description can be completed by hand, and tests be written from that. Credentials are left
    out. What is a description already is written as it is.
    """
    with targeting.errors_as_exit_statuses():
        opened = reading.opened(spec)
        _tell_problems(loading.load(opened.source))
    out.write(opened.kept)


@click.command("exec")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@options.of_execution
def execute(path: Path, **given: Any) -> None:  # noqa: ANN401 - click's names are Options' fields
    """Run the test modules of PATH: a written project, a folder of modules, or one module."""
    with targeting.errors_as_exit_statuses():
        chosen = Options(**given)
        modules = projects.find(path)
        probing.probe(chosen.base_url)
        found, left = _run(modules, chosen, targeting.target(chosen))
    _conclude(found, left, len(modules), chosen)


@click.command("scan")
@click.argument("spec")
@options.of_execution
@options.SEED
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the written project there.")
def scan(spec: str, seed: int, keep: Path | None, **given: Any) -> None:  # noqa: ANN401 - as above
    """Write tests from SPEC (see `testops write`) and run them."""
    with (
        targeting.errors_as_exit_statuses(),
        tempfile.TemporaryDirectory(prefix="testops-scan-") as folder,
    ):
        chosen = Options(**given)
        description = _read(spec)
        users = identities.completed(chosen.identities, description, chosen.base_url, _tell)
        target = targeting.target(chosen, users)
        probing.probe(chosen.base_url)
        project = keep or Path(folder) / "project"
        writing.write(description, project, seed=seed)
        modules = projects.find(project)
        found, left = _run(modules, chosen, target)
    _conclude(found, left, len(modules), chosen)


def _read(spec: str) -> ApiDescription:
    """The description, with what could not be used of it told on stderr."""
    description = reading.read(spec)
    _tell_problems(description)
    return description


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _tell_problems(description: ApiDescription) -> None:
    for problem in description.problems[:_PROBLEMS]:
        click.echo(f"Left out {problem.pointer}: {problem.message}", err=True)
    if more := len(description.problems[_PROBLEMS:]):
        click.echo(f"… and {more} more parts.", err=True)


def _run(
    modules: Sequence[projects.Module], chosen: Options, target: Target
) -> tuple[list[Finding], list[Leftover]]:
    """What is found and what was left behind, in the order of the modules."""
    console = Console(stderr=True)
    found: list[Finding] = []
    left: list[Leftover] = []
    wish = Wish(policy=Policy(chosen.policy or Policy.NONE))
    with Engine(cage=wish) as engine, progress.display(console, len(modules)) as display:
        engine.sign_in(execution.RUN_ID, target)
        if warning := doctor.weakness(engine.cage):
            click.echo(warning, err=True)
        happenings = execution.run(
            modules,
            target,
            jobs=chosen.jobs,
            timeout_seconds=chosen.timeout_seconds,
            engine=engine,
            retries=chosen.retries,
            cleans_up=chosen.clean_up,
        )
        with closing(happenings):
            for happening in happenings:
                display.show(happening)
                if finding := findings.of(happening.case, happening.event):
                    found.append(finding)
                left.extend(findings.leftovers(happening.case, happening.event))
    order = {module.case.case_id: number for number, module in enumerate(modules)}
    found.sort(key=lambda finding: order[finding.case])
    left.sort(key=lambda leftover: order[leftover.case])
    return found, left


def _conclude(
    found: Sequence[Finding], left: Sequence[Leftover], cases: int, chosen: Options
) -> None:
    """Write the reports, tell the summary, and end with the status that says how it went."""
    if chosen.json:
        chosen.json.write(reports.as_json(found, left))
    if chosen.junit:
        chosen.junit.write(reports.as_junit(found))
    # A report on stdout ("-") has it for itself.
    taken = any(
        file is not None and file.name == "<stdout>" for file in (chosen.json, chosen.junit)
    )
    for line in summary.lines(found, cases, left):
        click.echo(line, err=taken)
    sys.exit(0 if findings.totals(found).is_green else _NOT_GREEN)
