"""What the commands that run tests can be told: where, as whom, how, and where results go."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO, TypeVar

import click

from app.domain import grants
from local import doctor, identities
from testops.identities import Identities

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Asking:
    """Which API is asked, and how."""

    base_url: str
    headers: Sequence[tuple[str, str]]
    #: Users by name, the main one first.
    identities: Identities
    #: By name.
    secrets: Mapping[str, str]
    timeout_seconds: float
    #: The least acceptable cage; None where nothing is demanded.
    policy: str | None


@dataclass(frozen=True, slots=True)
class Options(Asking):
    """How modules are run and where the results go."""

    jobs: int
    retries: int
    clean_up: bool
    junit: TextIO | None
    json: TextIO | None


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


SEED = click.option("--seed", default=0, show_default=True, help="Same seed, same tests.")
#: The fields of Asking.
ASKING = (
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
        " name that comes again adds a header, and NAME='?K: V' a parameter of the query."
        " NAME='OAuth2: client_id=… client_secret=$VARIABLE'"
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
        "--timeout-seconds",
        default=60.0,
        show_default=True,
        type=click.FloatRange(min=0, min_open=True),
        help="Limit for one case.",
    ),
    doctor.POLICY,
)
_OPTIONS = (
    *ASKING,
    click.option(
        "--jobs",
        default=1,
        show_default=True,
        type=click.IntRange(min=1),
        help="Cases at a time. More than one is for APIs whose data they do not share.",
    ),
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


def of_execution(command: Command) -> Command:
    """Give a command all of them; its keywords are the fields of Options."""
    return with_options(command, _OPTIONS)


def with_options(command: Command, options: Sequence[Callable[[Command], Command]]) -> Command:
    """The command with these options, in this order in its help."""
    for option in reversed(options):
        command = option(command)
    return command
