"""The local commands: write, exec and scan. No database, broker or server takes part.

Exit status: 0 all passed, 1 a check failed or erred, 2 usage, 3 the description or the target
cannot be read.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeVar

import click
from rich.console import Console

from app.domain import grants
from app.domain.network import NetworkPolicy
from app.domain.plans import Target
from app.errors import DescriptionError, PlatformError, TargetError
from app.openapi import loading, reading
from app.openapi.model import ApiDescription
from local import (
    doctor,
    execution,
    findings,
    identities,
    probing,
    progress,
    projects,
    reports,
    summary,
    writing,
)
from local.findings import Finding, Leftover
from testops.identities import Identities
from worker.cage.policy import Policy
from worker.cage.wish import Wish
from worker.engine import Engine
from worker.gateway import rules

_NOT_GREEN = 1
_USAGE = 2
_UNREADABLE = 3
#: Shown of what could not be used in a description.
_PROBLEMS = 20

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Options:
    """How modules are run and where the results go."""

    base_url: str
    headers: Sequence[tuple[str, str]]
    #: Users by name, the main one first.
    identities: Identities
    #: By name.
    secrets: Mapping[str, str]
    jobs: int
    timeout_seconds: float
    retries: int
    clean_up: bool
    junit: TextIO | None
    json: TextIO | None
    #: The least acceptable cage; None where nothing is demanded.
    policy: str | None


def _header(_: click.Context, __: click.Parameter, values: Sequence[str]) -> list[tuple[str, str]]:
    """Read `K: V`; its text is not repeated in the error, since it may be a secret."""
    found = [identities.HEADER.fullmatch(value) for value in values]
    if not all(found):
        raise click.BadParameter("a header is written 'Name: value'.")
    if any(grants.is_grant(each["name"]) for each in found if each):
        raise click.BadParameter("OAuth2 is not sent as a header: write --identity.")
    return [(each["name"], each["value"].strip()) for each in found if each]


def _secret(_: click.Context, __: click.Parameter, names: Sequence[str]) -> Mapping[str, str]:
    """Read environment variables by their names."""
    return {name: identities.variable(name) for name in names}


_SEED = click.option("--seed", default=0, show_default=True, help="Same seed, same tests.")
_OPTIONS = (
    click.option("--base-url", required=True, metavar="URL", help="Where the tested API is."),
    click.option(
        "--header",
        "headers",
        multiple=True,
        metavar="'K: V'",
        callback=_header,
        help="Sent with every request; the tests do not see it. May be repeated.",
    ),
    click.option(
        "--identity",
        "identities",
        multiple=True,
        metavar="NAME='K: V'",
        callback=identities.read,
        help="A user of the API, and what proves who asks. May be repeated: the first one is the"
        " main one, the second an ordinary user who should not reach what is the first one's. A"
        " name that comes again adds a header. NAME='OAuth2: client_id=… client_secret=$VARIABLE'"
        " gets a token of OAuth 2 or OpenID Connect.",
    ),
    click.option(
        "--secret",
        "secrets",
        multiple=True,
        metavar="NAME",
        callback=_secret,
        help="An environment variable that tests may send (`api.secret(NAME)`) but never see. May"
        " be repeated.",
    ),
    click.option(
        "--jobs",
        default=1,
        show_default=True,
        type=click.IntRange(min=1),
        help="Cases at a time. More than one is for APIs whose data they do not share.",
    ),
    click.option(
        "--timeout-seconds",
        default=60.0,
        show_default=True,
        type=click.FloatRange(min=0, min_open=True),
        help="Limit for one case.",
    ),
    doctor.POLICY,
    click.option(
        "--retries",
        default=0,
        show_default=True,
        type=click.IntRange(0, 5),
        help="Run red checks again. What passes then is told to be flaky, and stays red.",
    ),
    click.option(
        "--clean-up/--no-clean-up",
        default=True,
        show_default=True,
        help="Delete what a case creates and leaves behind, where a DELETE of it is documented.",
    ),
    click.option(
        "--junit", type=click.File("w", "utf-8", lazy=False), help="Write JUnit XML there."
    ),
    click.option(
        "--json", type=click.File("w", "utf-8", lazy=False), help="Write a JSON object there."
    ),
)


def _execution_options(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("write")
@click.argument("spec")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The project's folder.")
@_SEED
def write(spec: str, out: Path, seed: int) -> None:
    """Write a pytest project from SPEC, the path or URL of an OpenAPI description.

    SPEC may also be a folder or zip archive with one, a Postman collection, a HAR recording, a curl
    command in quotes, or "-" for the input. Nothing is sent to the API.
    """
    with _errors_as_exit_statuses():
        description = _read(spec)
        modules = writing.write(description, out, seed=seed)
    click.echo(f"Wrote {modules} test modules for {description.title} into {out}.")


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
    with _errors_as_exit_statuses():
        opened = reading.opened(spec)
        _tell_problems(loading.load(opened.source))
    out.write(opened.kept)


@click.command("exec")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@_execution_options
def execute(path: Path, **options: Any) -> None:  # noqa: ANN401 - click's names are Options' fields
    """Run the test modules of PATH: a written project, a folder of modules, or one module."""
    with _errors_as_exit_statuses():
        chosen = Options(**options)
        modules = projects.find(path)
        probing.probe(chosen.base_url)
        found, left = _run(modules, chosen, _target(chosen, chosen.identities))
    _conclude(found, left, len(modules), chosen)


@click.command("scan")
@click.argument("spec")
@_execution_options
@_SEED
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the written project there.")
def scan(spec: str, seed: int, keep: Path | None, **options: Any) -> None:  # noqa: ANN401 - as above
    """Write tests from SPEC (see `testops write`) and run them."""
    with _errors_as_exit_statuses(), tempfile.TemporaryDirectory(prefix="testops-scan-") as folder:
        chosen = Options(**options)
        description = _read(spec)
        users = identities.completed(chosen.identities, description, chosen.base_url, _tell)
        target = _target(chosen, users)
        probing.probe(chosen.base_url)
        project = keep or Path(folder) / "project"
        writing.write(description, project, seed=seed)
        modules = projects.find(project)
        found, left = _run(modules, chosen, target)
    _conclude(found, left, len(modules), chosen)


@contextmanager
def _errors_as_exit_statuses() -> Iterator[None]:
    try:
        yield
    except PlatformError as error:
        click.echo(f"Error: {error}", err=True)
        unreadable = isinstance(error, DescriptionError | TargetError)
        sys.exit(_UNREADABLE if unreadable else _USAGE)


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
    modules: Sequence[projects.Module], options: Options, target: Target
) -> tuple[list[Finding], list[Leftover]]:
    """What is found and what was left behind, in the order of the modules."""
    console = Console(stderr=True)
    found: list[Finding] = []
    left: list[Leftover] = []
    wish = Wish(policy=Policy(options.policy or Policy.NONE))
    with Engine(cage=wish) as engine, progress.display(console, len(modules)) as display:
        engine.sign_in(execution.RUN_ID, target)
        if warning := doctor.weakness(engine.cage):
            click.echo(warning, err=True)
        happenings = execution.run(
            modules,
            target,
            jobs=options.jobs,
            timeout_seconds=options.timeout_seconds,
            engine=engine,
            retries=options.retries,
            cleans_up=options.clean_up,
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


def _target(options: Options, users: Identities) -> Target:
    """The tested API; whoever names a host on their own machine may reach it, wherever it is."""
    origin = rules.target_origin(options.base_url)
    return Target(
        options.base_url,
        dict(options.headers),
        secrets=options.secrets,
        network=NetworkPolicy((origin.host, *identities.hosts(options.identities))),
        identities=users,
    )


def _conclude(
    found: Sequence[Finding], left: Sequence[Leftover], cases: int, options: Options
) -> None:
    """Write the reports, tell the summary, and end with the status that says how it went."""
    if options.json:
        options.json.write(reports.as_json(found, left))
    if options.junit:
        options.junit.write(reports.as_junit(found))
    # A report on stdout ("-") has it for itself.
    taken = any(
        file is not None and file.name == "<stdout>" for file in (options.json, options.junit)
    )
    for line in summary.lines(found, cases, left):
        click.echo(line, err=taken)
    sys.exit(0 if findings.totals(found).is_green else _NOT_GREEN)
