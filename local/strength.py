"""`testops strength`: whether the checks of written modules can fail, and what they overlook."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

from app.domain.plans import Limits, Shard, Target
from app.domain.strength import RECORDED_BYTES, CaseStrength, percent
from local import doctor, execution, options, probing, projects, strength_reports, targeting
from local.options import Asking, Command
from worker.cage.policy import Policy
from worker.cage.wish import Wish
from worker.engine import Engine
from worker.strength.measuring import Effort, Measuring

_TOO_WEAK = 1
_CHANGES = 12
_CASE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Options(Asking):
    """What is measured, and how thoroughly."""

    changes: int
    case_seconds: float
    at_least: float
    seed: int
    json: TextIO | None


_OPTIONS = (
    *options.ASKING,
    click.option(
        "--changes",
        default=_CHANGES,
        show_default=True,
        type=click.IntRange(min=1),
        help="Changes that are tried for one check at most.",
    ),
    click.option(
        "--case-seconds",
        default=_CASE_SECONDS,
        show_default=True,
        type=click.FloatRange(min=0, min_open=True),
        help="Time for all changes of one case.",
    ),
    click.option(
        "--at-least",
        default=0.0,
        show_default=True,
        type=click.FloatRange(0, 100),
        help="End with 1 where fewer than so many percent of the changes are noticed.",
    ),
    click.option("--seed", default=0, show_default=True, help="Same seed, same changes."),
    click.option(
        "--json", type=click.File("w", "utf-8", lazy=False), help="Write a JSON object there."
    ),
)


def _options(command: Command) -> Command:
    return options.with_options(command, _OPTIONS)


@click.command("strength")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@_options
def strength(path: Path, **given: Any) -> None:  # noqa: ANN401 - click's names are Options' fields
    """Prove that the checks of PATH can fail: a written project, a folder, or one module.

    Each module is run once against the API. Then its checks are run against what was recorded, with
    one answer changed at a time in a way that they should notice; no request reaches the API any
    more. A check that notices none of its changes is vacuous. Ends with 1 where there is one.
    """
    with targeting.errors_as_exit_statuses():
        chosen = Options(**given)
        modules = projects.find(path)
        target = targeting.target(chosen)
        probing.probe(chosen.base_url)
        found = list(_measured(modules, chosen, target))
    if chosen.json:
        chosen.json.write(strength_reports.as_json(found))
    # A report on stdout ("-") has it for itself.
    is_taken = chosen.json is not None and chosen.json.name == "<stdout>"
    for line in strength_reports.lines(found):
        click.echo(line, err=is_taken)
    sys.exit(_TOO_WEAK if strength_reports.is_weak(found, chosen.at_least / 100) else 0)


def _measured(
    modules: Sequence[projects.Module], chosen: Options, target: Target
) -> Iterator[CaseStrength]:
    """The strength of each module's case, told on stderr as it is known."""
    wish = Wish(policy=Policy(chosen.policy or Policy.NONE))
    with Engine(cage=wish) as engine:
        engine.sign_in(execution.RUN_ID, target)
        if warning := doctor.weakness(engine.cage):
            click.echo(warning, err=True)
        for number, module in enumerate(modules, start=1):
            found = _of(module, chosen, target, engine)
            rate = percent(found.kill_rate)
            name = found.operation or found.case_id
            click.echo(f"[{number}/{len(modules)}] {rate:>6} {name}", err=True)
            yield found


def _of(module: projects.Module, chosen: Options, target: Target, engine: Engine) -> CaseStrength:
    shard = Shard(
        run_id=execution.RUN_ID,
        number=1,
        attempt=1,
        target=target,
        cases=(module.case,),
        contract=module.contract,
        limits=Limits(case_seconds=chosen.timeout_seconds, body_bytes=RECORDED_BYTES),
    )
    effort = Effort(chosen.changes, chosen.seed, chosen.case_seconds)
    recorded = list(engine.execute(shard))
    return Measuring(engine, shard, effort).of(module.case, recorded)
