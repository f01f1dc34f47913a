"""Administration on the command line: `testops migrate`, `testops user`, `testops token`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import database
from app.errors import PlatformError
from app.services import tokens, users
from app.settings import Settings, read


@contextmanager
def _told_in_one_line() -> Iterator[None]:
    try:
        yield
    except PlatformError as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"The database does not answer: {reason}") from error


@contextmanager
def _transaction(settings: Settings) -> Iterator[Session]:
    engine = database.engine_of(settings)
    try:
        with database.sessions(engine).begin() as session:
            yield session
    finally:
        engine.dispose()


@click.command()
def migrate() -> None:
    """Bring the tables to the newest version, and create the first administrator."""
    with _told_in_one_line():
        settings = read(Settings)
        database.migrate(settings)
        click.echo("The tables have the newest version.")
        if settings.admin_email:
            _create_first_admin(settings)


def _create_first_admin(settings: Settings) -> None:
    password = settings.admin_password.get_secret_value()
    with _transaction(settings) as session:
        made = users.ensure_admin(session, email=settings.admin_email, password=password)
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
    with _told_in_one_line(), _transaction(read(Settings)) as session:
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
    with _told_in_one_line(), _transaction(read(Settings)) as session:
        plain = tokens.create(session, users.by_email(session, email).id, name=name).plain
    click.echo(plain)
