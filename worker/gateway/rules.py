"""What the gateway lets through, and with which headers. Pure.

A request names its true origin in `X-Testops-Target`. Only the target's own origin is allowed. The
environment's headers are added here, outside of the script's reach: those of the identity that
`X-Testops-Identity` names, or of the main one. A header, a cookie, or a parameter of the query that
the script sets itself wins, `X-Testops-Withhold` names headers that are left out, and
`X-Testops-Anonymous: 1` asks for none that proves who asks, so that "401 without credentials" can
be tested. Everything that begins with `X-Testops-` stays between script and gateway, both ways.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.domain.redaction import MASK
from app.errors import InvalidInputError
from testops import identities
from testops.identities import Identities

#: On every request: the origin it is meant for, `scheme://host[:port]`.
TARGET = "X-Testops-Target"
#: On a request of another identity than the main one: its name.
IDENTITY = "X-Testops-Identity"
#: On a request that must carry no credentials.
ANONYMOUS = "X-Testops-Anonymous"
#: On a request that must lack some of the environment's headers: their names, comma-separated.
WITHHOLD = "X-Testops-Withhold"
#: On every response that the gateway made itself: why.
ERROR = "X-Testops-Gateway-Error"

_RESERVED = "x-testops-"
_DEFAULT_PORTS = {"http": 80, "https": 443}

#: Headers as they stand on the wire, in their order and spelling.
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request goes (RFC 6454): scheme, host and port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin | None:
        """The origin of an http or https URL; None where it has none."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        default = _DEFAULT_PORTS.get(parts.scheme)
        if default is None or not parts.hostname:
            return None
        return cls(parts.scheme, parts.hostname, port or default)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def target_origin(base_url: str) -> Origin:
    """The origin of a base URL.

    Raises InvalidInputError where it has none, or carries credentials: a script sees the base URL.
    """
    origin = Origin.of(base_url)
    if origin is None:
        raise InvalidInputError("The base URL is no http or https URL.")
    if "@" in urlsplit(base_url).netloc:
        raise InvalidInputError(
            "The base URL holds credentials.", hint="Give them as a header: Authorization."
        )
    return origin


class RefusedError(Exception):
    """The gateway does not forward this request; says why."""


def admit(method: str, path: str, headers: Headers, target: Origin) -> None:
    """Raise RefusedError unless the request may go to the target."""
    named = _value(headers, TARGET)
    if named is None:
        raise RefusedError(f"the request has no {TARGET} header")
    if Origin.of(named) != target:
        raise RefusedError(f"{named} is not the target of this run, which is {target}")
    if method == "CONNECT" or not path.startswith("/"):
        raise RefusedError(f"{method} {path} asks for a tunnel or another server")


def outgoing(
    headers: Headers, common: Mapping[str, str], known: Identities | None = None
) -> Headers:
    """The headers of the request as the target gets it.

    `common` goes with requests of every identity. Raises RefusedError for one that is not known.
    """
    withheld = {name.strip().lower() for name in (_value(headers, WITHHOLD) or "").split(",")}
    added = tuple(
        (name, _as_on_the_wire(value))
        for name, value in identities.headers_of(_added(headers, common, known or {})).items()
        if name.lower() not in withheld
    )
    kept = _with_cookies(without_reserved(headers), _value(added, "Cookie"))
    settled = {name.lower() for name, _ in kept}
    return kept + tuple(pair for pair in added if pair[0].lower() not in settled)


def outgoing_path(path: str, headers: Headers, known: Identities) -> str:
    """The path and query of the request as the target gets it; raises as `outgoing` does.

    A proof that the target has repeated in a link is not known to the script: it comes again.
    """
    return identities.asked(path, _added(headers, {}, known), stale=MASK)


def _with_cookies(headers: Headers, carried: str | None) -> Headers:
    """The script's headers, its cookies joined with what it did not set itself."""
    if carried is None:
        return headers
    return tuple(
        (name, identities.cookies(value, carried) if name.lower() == "cookie" else value)
        for name, value in headers
    )


def _added(headers: Headers, common: Mapping[str, str], known: Identities) -> Mapping[str, str]:
    """What the gateway adds to a request if it has not got it, and wants it."""
    if _value(headers, ANONYMOUS) is not None:
        return identities.anonymous(common, known)
    name = _value(headers, IDENTITY) or identities.main(known)
    try:
        return identities.carried(common, known, name)
    except KeyError as error:
        raise RefusedError(f"the environment has no identity {name}") from error


def without_reserved(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers without those that belong to script and gateway."""
    return tuple((name, value) for name, value in headers if not name.lower().startswith(_RESERVED))


def _as_on_the_wire(value: str) -> str:
    """A header's value in UTF-8, each byte shown as one character like those that were received."""
    return value.strip().encode("utf-8", "replace").decode("latin-1")


def _value(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)
