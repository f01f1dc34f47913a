"""Takes secrets out of what is kept: by value, as far as known, and by name, as is customary.

Pure. The values are those of the headers that an environment adds to every request; the names are
those under which HTTP APIs carry credentials.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, quote_plus

#: What stands in place of a secret.
MASK = "[redacted]"

#: Headers whose value is a credential, or makes one (RFC 9110 §11, RFC 6265, custom).
SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "authentication-info",
        "cookie",
        "set-cookie",
        "x-api-key",
        "api-key",
        "apikey",
        "x-auth-token",
        "x-access-token",
        "x-csrf-token",
        "x-amz-security-token",
        "x-goog-api-key",
        "private-token",
    }
)

#: A header of one's own that carries a credential: X-Ledger-Key.
_SECRET_HEADER = re.compile(r"(?i)(?:^|-)(?:api-?key|auth|key|password|secret|session|token)$")

#: Headers of an environment that say how to talk, not who talks: their values are no secrets.
PLAIN_HEADERS = frozenset(
    {"accept", "accept-charset", "accept-encoding", "accept-language", "cache-control"}
    | {"connection", "content-type", "origin", "prefer", "referer", "user-agent"}
)

#: A shorter value is masked where it stands as a header, but not searched for in other text:
#: it would garble the text and can protect nothing.
SHORTEST_SECRET = 4

#: A cookie may also hold a language or a colour; no session is named by less.
_SHORTEST_COOKIE = 8

#: A shorter one leaves too little of itself in Base64 to be told from other text, in bytes.
_SHORTEST_IN_BASE64 = 6

_QUERY_SECRET = re.compile(
    r"(?i)(?<=[?&])((?:api[_-]?key|(?:access|refresh|auth|id)?[_-]?token|password|client_secret"
    r"|secret|signature|sig)=)[^&#\s]+"
)
_USER_INFO = re.compile(r"(?i)(?<=://)[^/?#@\s]+(?=@)")


def is_secret_header(name: str) -> bool:
    """Whether a header of this name carries a credential, by what is customary.

    A parameter of the query among headers ("?key") is there for nothing else.
    """
    return (
        name.lower() in SECRET_HEADERS or name.startswith("?") or bool(_SECRET_HEADER.search(name))
    )


def credentials(name: str, value: str) -> Iterator[str]:
    """A header's value and what may be a credential in it: after the scheme, or in a cookie."""
    yield value
    if name.lower() != "cookie":
        yield value.partition(" ")[2].strip()
        return
    for pair in value.split(";"):
        cookie = pair.partition("=")[2].strip()
        if len(cookie) >= _SHORTEST_COOKIE:
            yield cookie


def spellings(value: str) -> Iterator[str]:
    """A secret as it may be written: as it is, in a URL, in JSON, in HTML or XML, in Base64."""
    yield from (value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1])
    yield html.escape(value)
    for text in _in_base64(value.encode("utf-8", "replace")):
        yield text
        yield text.replace("+", "-").replace("/", "_")


def _in_base64(value: bytes) -> Iterator[str]:
    """What Base64 (RFC 4648 §4) makes of the value alone, wherever in a longer text it stands."""
    if len(value) < _SHORTEST_IN_BASE64:
        return
    # Three bytes become four characters, so that there are three ways to begin. Characters that
    # depend on a neighbour too are left out.
    for before, shared in enumerate((0, 2, 3)):
        text = base64.b64encode(bytes(before) + value).decode()
        yield text[shared : (before + len(value)) * 8 // 6]


def _basic(value: str) -> Iterator[str]:
    """The pair and the password of RFC 7617, where a header's value has them."""
    scheme, _, credential = value.partition(" ")
    if scheme.lower() != "basic":
        return
    try:
        pair = base64.b64decode(credential.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return
    yield pair
    yield pair.partition(":")[2]


def _ordered(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(values, key=lambda text: (-len(text), text)))


@dataclass(frozen=True, slots=True)
class Redactor:
    """Masks the secrets of one target."""

    #: Lower case names of headers that are masked whatever their value.
    names: frozenset[str] = SECRET_HEADERS
    #: Longest first, so that a secret inside a longer one leaves nothing of the longer one.
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, *headers: Mapping[str, str], secrets: Iterable[str] = ()) -> Redactor:
        """For a target with these headers, which may be several users'.

        `secrets` are further values.
        """
        pairs = [(name.lower(), value) for each in headers for name, value in each.items()]
        hidden = [(name, value) for name, value in pairs if name not in PLAIN_HEADERS]
        every = [*hidden, *(("", value) for value in secrets)]
        parts = {part for pair in every for part in (*credentials(*pair), *_basic(pair[1]))}
        found = {text for part in parts if len(part) >= SHORTEST_SECRET for text in spellings(part)}
        return cls(names=SECRET_HEADERS | {name for name, _ in hidden}, values=_ordered(found))

    def also(self, secret: str) -> Redactor:
        """One that masks another value too."""
        more = spellings(secret) if len(secret) >= SHORTEST_SECRET else ()
        return replace(self, values=_ordered({*self.values, *more}))

    @property
    def longest(self) -> int:
        """Length of the longest value, in characters: how much text one can straddle."""
        return len(self.values[0]) if self.values else 0

    def text(self, text: str) -> str:
        """The text without the values."""
        for value in self.values:
            text = text.replace(value, MASK)
        return text

    def url(self, url: str) -> str:
        """The URL without the values, its user information and its well-known secret parameters."""
        masked = _USER_INFO.sub(MASK, self.text(url))
        return _QUERY_SECRET.sub(rf"\g<1>{MASK}", masked)

    def headers(self, headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """The headers in their order, credentials masked."""
        return tuple(
            (name, MASK if name.lower() in self.names else self.text(value))
            for name, value in headers
        )
