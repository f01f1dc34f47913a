"""Users of the tested API as the command line gives them: NAME='Header: value', or OAuth2."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence

import click

from app.domain import grants
from app.errors import InvalidInputError
from app.openapi import token_places
from app.openapi.model import ApiDescription
from testops.identities import Identities
from worker.gateway.rules import Origin

#: RFC 9110 §5: a token, a colon, visible text.
_NAME, _VALUE = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", r"[^\x00-\x1f\x7f]*"
HEADER = re.compile(rf"(?P<name>{_NAME})\s*:\s*(?P<value>{_VALUE})")
#: Its header may also be a parameter of the query: "?key".
_IDENTITY = re.compile(
    rf"(?P<identity>[A-Za-z0-9_.-]{{1,100}})=\s*(?P<name>\??{_NAME})\s*:\s*(?P<value>{_VALUE})"
)


def read(_: click.Context, __: click.Parameter, values: Sequence[str]) -> Identities:
    """Read `NAME=K: V`; a name that comes again has one header more. No text is repeated here.

    Where K is OAuth2, a value `$VARIABLE` in V is what that environment variable holds.
    """
    found = [_IDENTITY.fullmatch(value) for value in values]
    if not all(found):
        raise click.BadParameter("an identity is written NAME='Name: value'.")
    identities: dict[str, dict[str, str]] = {}
    for each in filter(None, found):
        value = _grant(each["value"]) if grants.is_grant(each["name"]) else each["value"].strip()
        identities.setdefault(each["identity"], {})[each["name"]] = value
    return identities


def _grant(text: str) -> str:
    try:
        words = grants.words(text)
        given = {name: variable(value[1:]) for name, value in words.items() if value[:1] == "$"}
        return grants.of(words | given).text
    except InvalidInputError as error:
        raise click.BadParameter(str(error)) from error


def variable(name: str) -> str:
    """What an environment variable holds: a value in a command line is seen by others.

    Raises BadParameter where it holds nothing.
    """
    value = os.environ.get(name)
    if not value:
        raise click.BadParameter(f"the environment variable {name} is not set.")
    return value


def completed(
    given: Identities, description: ApiDescription, base_url: str, tell: Callable[[str], None]
) -> Mapping[str, Mapping[str, str]]:
    """The users, with where their tokens come from; where the description says it, that is told."""
    found = token_places.completed(given, lambda: description, base_url)
    before = grants.of_identities(given)
    for name, grant in grants.of_identities(found).items():
        if grant != before[name]:
            place = grant.token_url or grant.discovery_url
            tell(f"{name} gets a token where the description says: {place}")
    return found


def hosts(given: Identities) -> tuple[str, ...]:
    """The hosts that people have named for tokens; what only a description names is not theirs."""
    every = grants.of_identities(given).values()
    places = [Origin.of(url) for each in every for url in (each.token_url, each.discovery_url)]
    return tuple(place.host for place in places if place is not None)
