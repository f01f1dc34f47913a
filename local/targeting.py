"""Which API local commands ask, and how they end where it or a description cannot be read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.domain.network import NetworkPolicy
from app.domain.plans import Target
from app.errors import DescriptionError, PlatformError, TargetError
from local import identities
from local.options import Asking
from testops.identities import Identities
from worker.gateway import rules

_USAGE = 2
_UNREADABLE = 3


@contextmanager
def errors_as_exit_statuses() -> Iterator[None]:
    """Tell an error of ours in one line, and end with 3 where something cannot be read, else 2."""
    try:
        yield
    except PlatformError as error:
        click.echo(f"Error: {error}", err=True)
        unreadable = isinstance(error, DescriptionError | TargetError)
        sys.exit(_UNREADABLE if unreadable else _USAGE)


def target(chosen: Asking, users: Identities | None = None) -> Target:
    """The tested API; whoever names a host on their own machine may reach it, wherever it is.

    `users` are the chosen identities, where more is known of them than was said.
    """
    origin = rules.target_origin(chosen.base_url)
    return Target(
        chosen.base_url,
        dict(chosen.headers),
        secrets=chosen.secrets,
        network=NetworkPolicy((origin.host, *identities.hosts(chosen.identities))),
        identities=chosen.identities if users is None else users,
    )
