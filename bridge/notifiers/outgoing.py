"""Posts to hosts that users name without letting them lead into the own network.

The address is checked where the connection is made, as it is for descriptions that are fetched. An
answer has a time and a size; it is never told onward, and never redirects.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpcore

from app.domain.network import NetworkPolicy
from app.errors import InvalidInputError, UnavailableError
from app.openapi import addresses
from app.openapi.connecting import DeadlineBackend

#: For all of a request: names, connection, sending, the answer.
TOTAL_SECONDS: Final = 15.0

#: Bytes of an answer that are read; services answer with a line.
MAX_ANSWER_BYTES: Final = 64 * 1024

#: Statuses under 500 after which trying again may help (RFC 9110, 15.5.9; RFC 8470; RFC 6585).
_LATER: Final = frozenset({408, 425, 429})
_SERVER_ERROR: Final = 500
_ACCEPTED: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)

#: Host, port and the seconds left; the addresses as text.
Resolver = Callable[[str, int, float], list[str]]


class LaterError(UnavailableError):
    """The receiver did not take a message now; `wait` is how long it asked to be left alone."""

    def __init__(self, detail: str, *, wait: dt.timedelta | None = None) -> None:
        super().__init__(detail)
        self.wait = wait


class Outgoing(Protocol):
    """A way to send HTTP requests to others."""

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """The status, 200 to 299, and the body of the answer.

        Raises InvalidInputError where trying again cannot help, LaterError where it may; neither
        shows more of the URL than its host.
        """
        ...


@dataclass(frozen=True, slots=True)
class Internet:
    """The public Internet, and the private hosts that an administrator has named. Thread-safe."""

    network: NetworkPolicy
    resolve: Resolver = addresses.resolve
    clock: Callable[[], float] = time.monotonic
    total_seconds: float = TOTAL_SECONDS

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """As `Outgoing` says; blocks up to `total_seconds`."""
        deadline = self.clock() + self.total_seconds
        backend = DeadlineBackend(
            addresses=lambda host, port: self._addresses(host, port, deadline),
            seconds_left=lambda: deadline - self.clock(),
        )
        host = urlsplit(url).hostname or ""
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend) as pool,
                pool.stream(method, url, headers=_headers(url, headers), content=body) as answer,
            ):
                return _judged(answer, host), _read(answer.iter_stream())
        except httpcore.TimeoutException as error:
            raise LaterError(
                f"'{host}' did not answer within {self.total_seconds:g} seconds."
            ) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise LaterError(f"'{host}' gave no usable answer: {_reason(error)}.") from error

    def _addresses(self, host: str, port: int, deadline: float) -> list[str]:
        try:
            found = self.resolve(host, port, deadline - self.clock())
        except OSError as error:
            raise LaterError(f"The host '{host}' is not known: {error}.") from error
        for address in found:
            if objection := self.network.objection(host, port, address):
                raise InvalidInputError(
                    f"The address {address} of '{host}' must not be asked: {objection}.",
                    hint="An administrator can allow the host: TESTOPS_ALLOWED_PRIVATE_HOSTS.",
                )
        return found


def _headers(url: str, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    own = {"Host": urlsplit(url).netloc, "User-Agent": "AI-TestOps", "Accept-Encoding": "identity"}
    given = {name.lower() for name in headers}
    return [*((k, v) for k, v in own.items() if k.lower() not in given), *headers.items()]


def _judged(answer: httpcore.Response, host: str) -> int:
    status = answer.status
    if status in _ACCEPTED:
        return status
    if status in _REDIRECTS:
        raise InvalidInputError(
            f"'{host}' redirects, which is not followed.", hint="Give the address it leads to."
        )
    if status in _LATER or status >= _SERVER_ERROR:
        raise LaterError(f"'{host}' answered with the status {status}.", wait=_wait(answer))
    raise InvalidInputError(f"'{host}' refused the message with the status {status}.")


def _wait(answer: httpcore.Response) -> dt.timedelta | None:
    """Retry-After in seconds; as a date it is not worth the trouble."""
    found = [value for name, value in answer.headers if name.lower() == b"retry-after"]
    if not found or not found[0].strip().isdigit():
        return None
    return dt.timedelta(seconds=min(int(found[0][:9]), 10**8))


def _read(chunks: Iterable[bytes]) -> bytes:
    """What is looked at of an answer; the message has arrived whatever more there is."""
    data = b""
    for chunk in chunks:
        data += chunk
        if len(data) >= MAX_ANSWER_BYTES:
            break
    return data[:MAX_ANSWER_BYTES]


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
