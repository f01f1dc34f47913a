"""Suites: the tests of one API description, and the environment they run against."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import grants
from app.domain.network import NetworkPolicy
from app.domain.plans import Target
from app.errors import InvalidInputError
from app.messages.sealing import Seal
from app.models.base import new_id
from app.models.environment import Environment
from app.models.run import Run
from app.models.suite import Suite
from app.openapi import token_places
from app.services import descriptions, followers, lookup, paging
from app.services.text import required
from app.settings import Settings
from testops.identities import Identities

#: A header's name: token of RFC 9110, section 5.6.2.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
#: A header's value: visible ASCII, space and tab (RFC 9110, section 5.5, without obs-text).
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]{0,8000}")
#: An identity's name: part of a header that a script sends.
_IDENTITY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
#: A secret's name, as a script writes it; and its value, which is never searched for when empty.
_SECRET_NAME = _IDENTITY_NAME
_SECRET_VALUE = re.compile(r"[^\x00]{1,8000}", re.DOTALL)


def create(
    session: Session,
    api_description_id: str,
    *,
    name: str,
    base_url: str,
    settings: Settings,
    headers: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    identities: Identities | None = None,
    user_id: str | None = None,
) -> Suite:
    """Make an empty suite with its default environment; who makes it follows it.

    Raises NotFoundError for the description and InvalidInputError for the rest.
    """
    description = descriptions.get(session, api_description_id)
    suite = Suite(
        id=new_id(),
        api_description_id=description.id,
        name=required(name, "name", 200),
        created_by=user_id,
    )
    environment = Environment(suite_id=suite.id, name="default")
    environment.base_url = checked_base_url(base_url)
    users = _completed(session, suite, identities, environment.base_url)
    _seal(environment, headers, secrets, users, settings)
    session.add(suite)
    session.flush()
    session.add(environment)
    session.flush()
    if user_id is not None:
        followers.follow(session, suite.id, user_id)
    return suite


def get(session: Session, suite_id: str) -> Suite:
    """One suite; raises NotFoundError."""
    return lookup.row(session, Suite, suite_id)


def list(  # noqa: A001 - read as suites.list
    session: Session, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> paging.Page[Suite]:
    """The suites, newest first."""
    order = paging.Order((Suite.created_at, Suite.id), descending=True)
    return paging.page(session, select(Suite), order, cursor=cursor, limit=limit)


def of_description(session: Session, api_description_id: str) -> Sequence[Suite]:
    """The suites made of a description, newest first."""
    return session.scalars(
        select(Suite)
        .where(Suite.api_description_id == api_description_id)
        .order_by(Suite.created_at.desc())
    ).all()


def ids(session: Session) -> Sequence[str]:
    """The identifiers of all suites, the oldest first."""
    return session.scalars(select(Suite.id).order_by(Suite.created_at, Suite.id)).all()


def environment(session: Session, suite_id: str) -> Environment:
    """The default environment of a suite; its headers and secrets stay sealed."""
    return session.scalars(
        select(Environment).where(Environment.suite_id == suite_id, Environment.name == "default")
    ).one()


def set_environment(
    session: Session,
    suite_id: str,
    *,
    base_url: str,
    settings: Settings,
    headers: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    identities: Identities | None = None,
) -> Environment:
    """Replace the default environment's base URL, and what is given of the rest.

    Runs that have begun keep what they began with. Raises NotFoundError, InvalidInputError.
    """
    suite = get(session, suite_id)
    found = environment(session, suite.id)
    found.base_url = checked_base_url(base_url)
    users = _completed(session, suite, identities, found.base_url)
    _seal(found, headers, secrets, users, settings)
    session.flush()
    return found


def _completed(
    session: Session, suite: Suite, identities: Identities | None, base_url: str
) -> Identities | None:
    """The identities, checked; where tokens come from is taken from the description."""
    if identities is None:
        return None
    return token_places.completed(
        checked_identities(identities),
        lambda: descriptions.load(session, suite.api_description_id),
        base_url,
    )


def _seal(
    row: Environment,
    headers: Mapping[str, str] | None,
    secrets: Mapping[str, str] | None,
    identities: Identities | None,
    settings: Settings,
) -> None:
    if headers is not None:
        row.sealed_headers = sealed(checked_headers(headers), settings)
    if secrets is not None:
        row.sealed_secrets = sealed(checked_secrets(secrets), settings)
    if identities is not None:
        row.sealed_identities = sealed(identities, settings)


def checked_base_url(base_url: str) -> str:
    """The base URL without a slash at its end.

    Raises InvalidInputError where it is not an absolute http(s) URL (RFC 9110, section 4.2) or
    holds a user name, query or fragment.
    """
    url = required(base_url, "base_url", 2000)
    try:
        parts = urlsplit(url)
        bad_port = parts.port == 0
    except ValueError:
        parts, bad_port = urlsplit(""), True
    if parts.scheme not in {"http", "https"} or not parts.hostname or bad_port:
        raise InvalidInputError(
            "This is not an absolute URL.", where="base_url", hint="Write http://… or https://…."
        )
    if parts.username is not None or parts.query or parts.fragment or re.search(r"\s", url):
        raise InvalidInputError(
            "A base URL has no user name, query, fragment or space.",
            where="base_url",
            hint="Give credentials as headers.",
        )
    return url.rstrip("/")


def checked_headers(headers: Mapping[str, str], *, where: str = "headers") -> dict[str, str]:
    """The headers without surrounding space; raises InvalidInputError that names a bad one."""
    clean = {name.strip(): value.strip() for name, value in headers.items()}
    for name, value in clean.items():
        if grants.is_grant(name):
            raise InvalidInputError(
                f"{name} is not sent as a header.", where=where, hint="Give it to an identity."
            )
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise InvalidInputError(
                f"The header {name[:50]!r} cannot be sent.",
                where=where,
                hint="Names are tokens; values are printable ASCII.",
            )
    return clean


def checked_secrets(secrets: Mapping[str, str]) -> dict[str, str]:
    """The secrets; raises InvalidInputError that names a bad one, and no value."""
    for name, value in secrets.items():
        if not _SECRET_NAME.fullmatch(name) or not _SECRET_VALUE.fullmatch(value):
            raise InvalidInputError(
                f"The secret {name[:50]!r} cannot be kept.",
                where="secrets",
                hint="Names are of letters, digits, _, . and -; values are text of 1 to 8000.",
            )
    return dict(secrets)


def checked_identities(identities: Identities) -> dict[str, dict[str, str]]:
    """The identities; raises InvalidInputError that names a bad one, and no value."""
    for name in identities:
        if not _IDENTITY_NAME.fullmatch(name):
            raise InvalidInputError(
                f"The identity {name[:50]!r} cannot be kept.",
                where="identities",
                hint="Names are of letters, digits, _, . and -.",
            )
    return {name: _checked_proof(headers) for name, headers in identities.items()}


def _checked_proof(given: Mapping[str, str]) -> dict[str, str]:
    """A user's headers, and what stands among them that is none.

    That is a grant (see app.domain.grants), or a parameter of the query (testops.identities).
    """
    clean = {name.strip(): value.strip() for name, value in given.items()}
    sent = {name: value for name, value in clean.items() if not grants.is_grant(name)}
    checked_headers({name.removeprefix("?"): sent[name] for name in sent}, where="identities")
    return clean


def sealed(values: Mapping[str, object], settings: Settings) -> str:
    """Headers, secrets or identities as they are stored; empty for none."""
    return Seal(settings.secret).close(values) if values else ""


def target(row: Environment | Run, settings: Settings) -> Target:
    """The tested API with everything unsealed; raises InvalidInputError where the key changed."""
    return Target(
        row.base_url,
        _opened(row.sealed_headers, settings),
        _opened(row.sealed_secrets, settings),
        NetworkPolicy(settings.allowed_private_hosts),
        _opened(row.sealed_identities, settings),
    )


def _opened(text: str, settings: Settings) -> Any:  # noqa: ANN401 - as it was sealed
    return json.loads(Seal(settings.secret).open(text)) if text else {}
