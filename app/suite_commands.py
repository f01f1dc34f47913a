"""Suites on the command line: what their descriptions changed, and having cases written."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from app.commands import told_in_one_line, transaction
from app.services import browsing, cases, generations, suites, touched
from app.settings import Settings, read


@click.group()
def suite() -> None:
    """See what its API description changed, and have its cases written."""


@suite.command("changes")
@click.argument("suite_id")
def show_changes(suite_id: str) -> None:
    """Operations that came, went or changed, and the checks that writing them again touches."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        found = touched.preview(session, suite_id)
    for word, keys in (("added", found.added), ("removed", found.removed)):
        for key in keys:
            click.echo(f"{word}  {key}")
    for one in found.changed:
        click.echo(f"changed  {one.operation}")
        for change in one.changes:
            click.echo(f"    {change.fate}  {change.key}")
    counts = len(found.added), len(found.removed), len(found.changed) + found.further
    click.echo("{} added, {} removed, {} changed.".format(*counts))


@suite.command("generate")
@click.argument("suite_id")
@click.option("--missing", is_flag=True, help="Only of operations that have no case.")
@click.option("--case", "case_id", help="Only this one.")
@click.option("--provider", default="offline", show_default=True)
@click.option("--instruction", default="", help="What to mind besides the description.")
@click.option("--review", is_flag=True, help="Nothing of a case changes before somebody chose.")
def generate(
    suite_id: str,
    *,
    missing: bool,
    case_id: str | None,
    provider: str,
    instruction: str,
    review: bool,
) -> None:
    """Ask for the cases of a suite, all where nothing else is said; what was edited stays."""
    if missing and case_id:
        raise click.UsageError("Either --missing or --case.")
    scope = "missing" if missing else "chosen" if case_id else "all"
    with told_in_one_line(), transaction(read(Settings)) as session:
        found = generations.request(
            session,
            suite_id,
            provider=provider,
            scope=scope,
            operation_ids=_operations(session, suite_id, case_id) if case_id else (),
            prompt=instruction,
            is_reviewed=review,
        )
        click.echo(f"{found.id}  {found.total} cases are being written.")


def _operations(session: Session, suite_id: str, case_id: str) -> list[str]:
    row = browsing.operation_of(
        session, suites.get(session, suite_id), cases.get(session, case_id).operation
    )
    return [row.id] if row else []
