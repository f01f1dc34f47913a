"""Administration on the command line: `testops migrate`, `testops user`, `testops token`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from app import database
from app.errors import PlatformError
from app.services import tokens, users
from app.settings import Settings, read


@contextmanager
def _session() -> Iterator[Session]:
    """A transaction on the database that the environment names; errors become one line."""
    try:
        engine = database.engine_of(read(Settings))
        with database.sessions(engine).begin() as session:
            yield session
        engine.dispose()
    except PlatformError as error:
        raise click.ClickException(str(error)) from error


@click.command()
def migrate() -> None:
    """Bring the tables to the newest version, and create the first administrator."""
    try:
        settings = read(Settings)
    except PlatformError as error:
        raise click.ClickException(str(error)) from error
    database.migrate(settings)
    click.echo("The tables have the newest version.")
    if settings.admin_email:
        _create_first_admin(settings)


def _create_first_admin(settings: Settings) -> None:
    with _session() as session:
        made = users.ensure_admin(
            session,
            email=settings.admin_email,
            password=settings.admin_password.get_secret_value(),
        )
    if made:
        click.echo(f"Created the first administrator, {settings.admin_email}.")


@click.group()
def user() -> None:
    """Manage who may sign in."""


@user.command("create")
@click.option("--email", required=True)
@click.option("--name", default="", help="How pages address the person.")
@click.option("--admin", is_flag=True, help="May manage other users.")
@click.password_option(help="Asked for where it is not given.")
def create_user(email: str, name: str, password: str, *, admin: bool) -> None:
    """Let somebody sign in."""
    with _session() as session:
        users.create(session, email=email, name=name, password=password, is_admin=admin)
    click.echo(f"Created the user {email}.")


@click.group()
def token() -> None:
    """Manage bearer tokens of the REST API."""


@token.command("create")
@click.option("--email", required=True, help="Whose token it is.")
@click.option("--name", default="command line", help="What it is for.")
def create_token(email: str, name: str) -> None:
    """Make a token and print it; it cannot be shown again."""
    with _session() as session:
        plain = tokens.create(session, users.by_email(session, email).id, name=name).plain
    click.echo(plain)
