"""Fetches a description from a URL without letting the URL lead into the own network.

The address is checked where the connection is made: a name is resolved once, every address it has
must be allowed, and that very address is connected to, so that no second answer of the name server
counts. Each redirect goes through the same door.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpcore

from app.domain.network import NetworkPolicy
from app.errors import DescriptionError
from app.openapi import addresses, limits
from app.openapi.connecting import DeadlineBackend

#: Host, port and the seconds left; the addresses as text.
Resolver = Callable[[str, int, float], list[str]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OK = 200
_HINT = "Give a URL such as https://api.example.com/openapi.json."
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
#: Content-Encodings that can be read: gzip is unpacked, within limits, by whoever parses the data.
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip"})
_CHARACTERS = "%/:?#[]@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What may be fetched, and how much patience there is."""

    network: NetworkPolicy = field(default_factory=NetworkPolicy)
    max_bytes: int = limits.MAX_BYTES
    #: For all of it: names, connections, redirects, data.
    total_seconds: float = 10.0
    max_redirects: int = 5
    resolve: Resolver = addresses.resolve
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a URL answered with."""

    data: bytes
    #: Where it was found after redirects, without credentials.
    url: str


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL that may be asked, as far as its text tells."""

    scheme: str
    host: str
    port: int
    path: str
    #: Of the URL's user and password, empty without them.
    authorization: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must stay the same for credentials to go along."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host and port as URL and Host header have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == default else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL without credentials."""
        return f"{self.scheme}://{self.authority}{self.path}"


def fetch(url: str, *, policy: FetchPolicy) -> Fetched:
    """The bytes behind an http or https URL; user and password in it are sent as basic auth.

    Blocks up to `policy.total_seconds`. DescriptionError when the URL, an address or an answer is
    refused, or nothing answers; its text never holds the credentials.
    """
    target = _target(url)
    deadline = policy.clock() + policy.total_seconds
    for _ in range(policy.max_redirects + 1):
        answer = _ask(target, policy, deadline)
        if isinstance(answer, bytes):
            return Fetched(answer, target.url)
        onward = _target(_joined(target.url, answer))
        if onward.origin == target.origin and not onward.authorization:
            onward = replace(onward, authorization=target.authorization)
        target = onward
    raise _refused(target, f"It redirects more than {policy.max_redirects} times.")


def _target(url: str) -> _Target:
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
        port = parts.port
    except ValueError as error:
        raise DescriptionError("The URL is malformed.", hint=_HINT) from error
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise DescriptionError("Only http and https URLs with a host can be fetched.", hint=_HINT)
    path = _printable(parts.path or "/") + (f"?{_printable(parts.query)}" if parts.query else "")
    authorization = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
    default = 443 if parts.scheme == "https" else 80
    return _Target(parts.scheme, host, default if port is None else port, path, authorization)


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; what cannot be joined stays as it is, to be refused."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _printable(text: str) -> str:
    """A path or query as HTTP sends it: other characters percent-encoded as UTF-8 (RFC 3987)."""
    return quote(text, safe=_CHARACTERS)


def _ask(target: _Target, policy: FetchPolicy, deadline: float) -> bytes | str:
    """The data of a URL, or the place it redirects to."""
    backend = DeadlineBackend(
        addresses=lambda host, port: _addresses(target, host, port, policy, deadline),
        seconds_left=lambda: deadline - policy.clock(),
    )
    headers = [
        ("Host", target.authority),
        ("Accept", "application/json, application/yaml, */*;q=0.5"),
        ("Accept-Encoding", "gzip, identity"),
        ("User-Agent", "AI-TestOps"),
    ]
    if target.authorization:
        headers.append(("Authorization", target.authorization))
    try:
        with (
            httpcore.ConnectionPool(network_backend=backend) as pool,
            pool.stream("GET", target.url, headers=headers) as response,
        ):
            return _answer(target, response, policy)
    except httpcore.TimeoutException as error:
        raise _refused(target, f"No answer within {policy.total_seconds:g} seconds.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise _refused(
            target, f"No usable answer: {str(error) or type(error).__name__}."
        ) from error


def _answer(target: _Target, response: httpcore.Response, policy: FetchPolicy) -> bytes | str:
    headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
    location = headers.get(b"location", "")
    if response.status in _REDIRECTS and location:
        return location
    if response.status != _OK:
        raise _refused(target, f"The answer has the status {response.status}.")
    encoding = headers.get(b"content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise _refused(target, f"The answer is encoded as '{encoding[:50]}'.")
    data = bytearray()
    for chunk in response.iter_stream():
        data += chunk
        if len(data) > policy.max_bytes:
            raise _refused(target, f"The answer is larger than {policy.max_bytes:,} bytes.")
    return bytes(data)


def _addresses(
    target: _Target, host: str, port: int, policy: FetchPolicy, deadline: float
) -> list[str]:
    """The addresses of a host, every one of them allowed."""
    try:
        found = policy.resolve(host, port, deadline - policy.clock())
    except OSError as error:
        raise _refused(target, f"The host is not known: {error}.") from error
    for address in found:
        if objection := policy.network.objection(host, port, address):
            raise DescriptionError(
                f"The address {address} of '{host}' must not be asked: {objection}.",
                where=_place(target),
                hint="An administrator can allow the host: TESTOPS_ALLOWED_PRIVATE_HOSTS.",
            )
    return found


def _refused(target: _Target, reason: str) -> DescriptionError:
    return DescriptionError(
        reason, where=_place(target), hint="Check the URL, or give the description as a file."
    )


def _place(target: _Target) -> str:
    """The URL as it may stand in an error or a log: a query may hold a token."""
    return target.url.partition("?")[0]
