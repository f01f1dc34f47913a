"""Administration on the command line: `testops migrate`, `user`, `token`, `dlq` and so on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import database
from app.domain.scripts.merging import Merge
from app.errors import PlatformError
from app.services import cases, dead_letters, merges, paging, revisions, suites, tokens, users
from app.services.analytics import counting, figures, quarantine
from app.settings import Settings, read


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """What the platform refuses ends the command with one line."""
    try:
        yield
    except PlatformError as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"The database does not answer: {reason}") from error


@contextmanager
def transaction(settings: Settings) -> Iterator[Session]:
    """A session of the database; all of it is kept, or nothing."""
    engine = database.engine_of(settings)
    try:
        with database.sessions(engine).begin() as session:
            yield session
    finally:
        engine.dispose()


@click.command()
def migrate() -> None:
    """Bring the tables to the newest version, and create the first administrator."""
    with told_in_one_line():
        settings = read(Settings)
        database.migrate(settings)
        click.echo("The tables have the newest version.")
        if settings.admin_email:
            _create_first_admin(settings)


def _create_first_admin(settings: Settings) -> None:
    password = settings.admin_password.get_secret_value()
    with transaction(settings) as session:
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
    with told_in_one_line(), transaction(read(Settings)) as session:
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
    with told_in_one_line(), transaction(read(Settings)) as session:
        plain = tokens.create(session, users.by_email(session, email).id, name=name).plain
    click.echo(plain)


@click.group()
def dlq() -> None:
    """Look after dead letters: messages that could not be handled."""


@dlq.command("list")
def list_dead_letters() -> None:
    """Those that wait, the last to come first: id, origin, how often, and why."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        page = dead_letters.list(session, limit=paging.MAX_LIMIT)
        for letter in page.items:
            click.echo(
                f"{letter.id}  {letter.topic}/{letter.partition}/{letter.offset}"
                f"  {letter.count}x  {letter.reason.splitlines()[0] if letter.reason else '-'}"
            )
    click.echo("There are more." if page.next_cursor else f"{len(page.items)} dead letters.")


@dlq.command("show")
@click.argument("letter_id")
def show_dead_letter(letter_id: str) -> None:
    """One of them as a whole; what is no text is escaped."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        letter = dead_letters.get(session, letter_id)
        for name in ("topic", "partition", "offset", "died_at", "count", "state", "reason"):
            click.echo(f"{name}: {getattr(letter, name)}")
        for name, value in dead_letters.headers(letter):
            click.echo(f"header {name}: {value.decode(errors='backslashreplace')}")
        click.echo(f"key: {(letter.key or b'').decode(errors='backslashreplace')}")
        click.echo(f"body: {letter.body.decode(errors='backslashreplace')}")


_letters = click.argument("letter_ids", nargs=-1)
_topic = click.option("--topic", help="All that wait of this topic.")


@dlq.command("replay")
@_letters
@_topic
def replay_dead_letters(letter_ids: Sequence[str], topic: str | None) -> None:
    """Publish them again where they came from."""
    click.echo(f"Replayed {_settle(dead_letters.replay, letter_ids, topic)}.")


@dlq.command("drop")
@_letters
@_topic
def drop_dead_letters(letter_ids: Sequence[str], topic: str | None) -> None:
    """Let them rest."""
    click.echo(f"Dropped {_settle(dead_letters.drop, letter_ids, topic)}.")


def _settle(
    settle: Callable[[Session, str], None], letter_ids: Sequence[str], topic: str | None
) -> int:
    if bool(letter_ids) == bool(topic):
        raise click.UsageError("Name letters, or a topic with --topic.")
    with told_in_one_line(), transaction(read(Settings)) as session:
        chosen = dead_letters.waiting(session, topic) if topic else letter_ids
        for letter_id in chosen:
            settle(session, letter_id)
    return len(chosen)


@click.group()
def analytics() -> None:
    """Look at what all runs say together, and make it anew."""


@analytics.command("rebuild")
@click.option("--suite", "suite_id", help="This one only.")
def rebuild_analytics(suite_id: str | None) -> None:
    """Count all finished runs again; comes to the same as counting them one by one did."""
    with told_in_one_line():
        settings = read(Settings)
        with transaction(settings) as session:
            chosen = [suites.get(session, suite_id).id] if suite_id else suites.ids(session)
        for one in chosen:
            # A transaction each: none of them waits for the others.
            with transaction(settings) as session:
                runs = counting.rebuild(session, one, settings=settings)
            click.echo(f"{one}  {runs} runs")
    click.echo(f"Rebuilt {len(chosen)} suites.")


@analytics.command("red")
@click.argument("suite_id")
def show_red(suite_id: str) -> None:
    """What is red in a suite now: since when, why, and the check's id."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        page = figures.red(session, suite_id, limit=paging.MAX_LIMIT)
        for line in page.items:
            known, judged = line.known, line.judged
            click.echo(f"{known.id}  {known.operation} {known.check}  since {known.failing_since}")
            if judged is not None:
                click.echo(f"    {judged.cause}: {judged.reason}")
    click.echo("There is more." if page.next_cursor else f"{len(page.items)} red checks.")


@analytics.command("lift")
@click.argument("check_id")
def lift_quarantine(check_id: str) -> None:
    """End the quarantine of a check."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        known = quarantine.lift(session, check_id)
        click.echo(f"{known.operation} {known.check} is in quarantine no more.")


@click.group()
def case() -> None:
    """Look at the revisions of a case, and choose what is taken over of what was generated."""


@case.command("revisions")
@click.argument("case_id")
def list_revisions(case_id: str) -> None:
    """Every script a case had, newest first: number, when, how and why."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        page = revisions.list(session, case_id, limit=paging.MAX_LIMIT)
        for one in page.items:
            click.echo(f"{one.number}  {one.created_at:%Y-%m-%d %H:%M}  {one.origin}  {one.reason}")
    click.echo("There are more." if page.next_cursor else f"{len(page.items)} revisions.")


@case.command("diff")
@click.argument("case_id")
@click.argument("number", type=click.IntRange(min=1))
def show_diff(case_id: str, number: int) -> None:
    """What a revision changed."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        click.echo(revisions.diff(session, case_id, number))


@case.command("restore")
@click.argument("case_id")
@click.argument("number", type=click.IntRange(min=1))
def restore_revision(case_id: str, number: int) -> None:
    """Put the script of a revision in place again; what stands now stays a revision."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        revisions.restore(session, case_id, number)
    click.echo(f"Revision {number} stands again.")


@case.command("conflicts")
@click.argument("case_id")
def list_conflicts(case_id: str) -> None:
    """What was generated and waits: conflicts with what was edited, and what else it changes."""
    with told_in_one_line(), transaction(read(Settings)) as session:
        waiting = merges.waiting(cases.get(session, case_id)) or Merge("", "")
    for one in waiting.conflicts:
        click.echo(f"{one.key} ({one.kind}) conflict")
        click.echo(revisions.unified(one.edited or "", one.generated or "", "edited", "generated"))
    for offer in waiting.offers:
        click.echo(f"{offer.key} ({offer.kind}) {offer.fate}")
        click.echo(revisions.unified(offer.before or "", offer.after or "", "now", "then"))
    click.echo(f"Conflicts: {len(waiting.conflicts)}. Other changes: {len(waiting.offers)}.")


@case.command("settle")
@click.argument("case_id")
@click.option("--edited", multiple=True, metavar="KEY", help="Keep what stands.")
@click.option("--generated", multiple=True, metavar="KEY", help="Take what was generated.")
def settle_conflicts(case_id: str, edited: Sequence[str], generated: Sequence[str]) -> None:
    """Take over what was generated; conflicts that are not named go on waiting."""
    both = set(edited) & set(generated)
    if both:
        raise click.UsageError(f"One side for each: {min(both)}.")
    choices = {**dict.fromkeys(edited, "edited"), **dict.fromkeys(generated, "generated")}
    with told_in_one_line(), transaction(read(Settings)) as session:
        is_done = merges.settle(session, case_id, choices).offered_script is None
    click.echo("Taken over." if is_done else "Conflicts are left.")
