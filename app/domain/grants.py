"""What a user of OAuth 2 gets a token with, and how people write that. Pure.

In place of a header that proves who asks an identity may have one named `OAuth2`, which is never
sent. Its value is words: `client_id=shop client_secret='a secret' token_url=https://…`. What holds
a space or a quotation mark stands in quotes; a backslash is itself.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from urllib.parse import urlsplit

from app.errors import InvalidInputError

#: What stands in a header's place, as it is spelt in texts; any case is read.
HEADER = "OAuth2"
#: The longest text that is read, in characters.
_LONGEST = 8000
#: An address as it goes over the wire (RFC 3986).
_ADDRESS = re.compile(r"[\x21-\x7e]+")


class Kind(StrEnum):
    """How a token is asked for: the `grant_type` of RFC 6749, sections 4.4.2 and 4.3.2."""

    CLIENT_CREDENTIALS = "client_credentials"
    PASSWORD = "password"  # noqa: S105 - the grant's name


class ClientAuth(StrEnum):
    """Where the client's own credentials stand (RFC 6749, section 2.3.1)."""

    #: In the Authorization header.
    BASIC = "basic"
    #: In the form.
    POST = "post"


@dataclass(frozen=True, slots=True)
class Grant:
    """With what a token is asked for, and where; what is not given is empty."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    #: Scopes with spaces between them.
    scope: str = ""
    #: Whom the token is for: the word of Auth0, and that of RFC 8707.
    audience: str = ""
    resource: str = ""
    token_url: str = ""
    #: Where the token's place is told (OpenID Connect Discovery 1.0, section 4).
    discovery_url: str = ""
    client_auth: str = ClientAuth.BASIC

    @property
    def kind(self) -> Kind:
        """Whether a user signs in, or the client itself."""
        return Kind.PASSWORD if self.username else Kind.CLIENT_CREDENTIALS

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return tuple(filter(None, (self.client_secret, self.password)))

    @property
    def text(self) -> str:
        """The grant as it is written."""
        given = {name: value for name, value in asdict(self).items() if value}
        return " ".join(f"{name}={shlex.quote(value)}" for name, value in given.items())


_NAMES = tuple(each.name for each in fields(Grant))


def is_grant(name: str) -> bool:
    """Whether this name, where a header's is expected, has a grant as its value."""
    return name.lower() == HEADER.lower()


def read(text: str) -> Grant:
    """Read a grant; raises InvalidInputError, which repeats nothing of it."""
    return of(words(text))


def words(text: str) -> dict[str, str]:
    """The words of a grant by name; raises as `read` does."""
    lexer = shlex.shlex(text[: _LONGEST + 1], posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        pairs = [word.partition("=") for word in lexer]
    except ValueError as error:
        raise _malformed("a quotation mark is not closed") from error
    found = {name: value for name, _, value in pairs}
    if len(text) > _LONGEST:
        raise _malformed(f"it is longer than {_LONGEST} characters")
    if unknown := [place for place, (name, _, _) in enumerate(pairs, 1) if name not in _NAMES]:
        raise _malformed(f"word {unknown[0]} is none of {', '.join(f'{each}=' for each in _NAMES)}")
    return found


def of(given: Mapping[str, str]) -> Grant:
    """The grant of these words; raises as `read` does."""
    grant = Grant(**given)
    if not grant.username and not (grant.client_id and grant.client_secret):
        raise _malformed("it has neither client_id= and client_secret=, nor username=")
    if bool(grant.username) != bool(grant.password):
        raise _malformed("username= and password= belong together")
    if grant.client_secret and not grant.client_id:
        raise _malformed("client_secret= has no client_id=")
    if grant.client_auth not in set(ClientAuth):
        raise _malformed(f"client_auth= is one of {', '.join(ClientAuth)}")
    for name in ("token_url", "discovery_url"):
        if (url := getattr(grant, name)) and not is_address(url):
            raise _malformed(f"{name}= is no http or https URL without credentials and fragment")
    return grant


def is_address(url: str) -> bool:
    """Whether something can be asked there (RFC 6749, section 3.2: no fragment)."""
    try:
        parts = urlsplit(url)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_plain = not parts.fragment and "@" not in parts.netloc
    return (
        bool(_ADDRESS.fullmatch(url))
        and parts.scheme in {"http", "https"}
        and (has_place and is_plain)
    )


def of_identities(identities: Mapping[str, Mapping[str, str]]) -> dict[str, Grant]:
    """The grants of those identities that have one, by name.

    Raises InvalidInputError that names the identity where its grant cannot be read, or is not alone
    in proving who asks.
    """
    return {
        name: grant
        for name, headers in identities.items()
        if (grant := _of_identity(name, headers)) is not None
    }


def secrets(identities: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    """What grants are asked for with and must not be shown; raises as `of_identities` does."""
    return tuple(text for grant in of_identities(identities).values() for text in grant.secrets)


def _of_identity(name: str, headers: Mapping[str, str]) -> Grant | None:
    found = [value for header, value in headers.items() if is_grant(header)]
    if not found:
        return None
    try:
        if len(found) > 1 or any(header.lower() == "authorization" for header in headers):
            raise _malformed("the identity has another one, or an Authorization header")
        return read(found[0])
    except InvalidInputError as error:
        detail = f"{name}: {error.detail}"
        raise InvalidInputError(detail, where="identities", hint=error.hint) from error


def _malformed(why: str) -> InvalidInputError:
    return InvalidInputError(
        f"The {HEADER} of an identity cannot be used: {why}.",
        hint=f"Write {HEADER}: client_id=… client_secret=… (and username=… password=…).",
    )
