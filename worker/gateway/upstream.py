"""The gateway's client: one connection to the target, kept while it can be used again."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import h11

from app.domain.results import Timings, Tls
from worker.gateway.passage import Passage
from worker.gateway.rules import Origin
from worker.gateway.wire import Answer, Peer, Request, WireError

#: Kept of a response; a longer one is an error of the exchange.
ANSWER_BYTES = 32 * 1024**2


class UpstreamError(Exception):
    """No response came; says why."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long the gateway waits for the target, in seconds."""

    connect: float = 10.0
    answer: float = 60.0
    #: For all that a case has left behind.
    clean_up: float = 10.0
    #: For a token, and for being told where it comes from.
    token: float = 20.0


@dataclass(frozen=True, slots=True)
class Received:
    """A response, where its time went, and how it was secured."""

    answer: Answer
    timings: Timings = field(default_factory=Timings)
    tls: Tls | None = None


class Sender(Protocol):
    """Gets responses to requests, one after the other."""

    async def send(self, request: Request) -> Received:
        """The response to a request, whatever its status; raises UpstreamError without one."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Upstream:
    """Sends requests to one origin, one after the other."""

    def __init__(
        self,
        target: Origin,
        passage: Passage,
        tls: ssl.SSLContext,
        timeouts: Timeouts,
        clock: Callable[[], float],
    ) -> None:
        self._target = target
        self._passage = passage
        self._context = tls
        self._timeouts = timeouts
        self._clock = clock
        self._peer: Peer | None = None
        self._tls: Tls | None = None

    async def send(self, request: Request) -> Received:
        """Send a request and read its response, whatever its status.

        Raises UpstreamError where there is none, RefusedError where the target must not be asked.
        """
        try:
            async with asyncio.timeout(self._timeouts.connect):
                peer, timings = await self._connected()
        except TimeoutError as error:
            raise UpstreamError(f"{self._target} did not accept a connection in time") from error
        except (OSError, ValueError) as error:
            raise UpstreamError(f"{self._target} cannot be reached: {error}") from error
        try:
            async with asyncio.timeout(self._timeouts.answer):
                return await self._exchange(peer, request, timings)
        except TimeoutError as error:
            limit = f"{self._timeouts.answer:g} seconds"
            raise UpstreamError(f"{self._target} did not answer within {limit}") from error
        except (OSError, WireError) as error:
            raise UpstreamError(f"{self._target} gave no usable answer: {error}") from error

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._peer is not None:
            peer, self._peer = self._peer, None
            peer.abort()

    async def _exchange(self, peer: Peer, request: Request, timings: Timings) -> Received:
        try:
            await peer.send_request(request)
            sent = self._clock()
            answer = await peer.receive_answer(ANSWER_BYTES, self._clock)
            reusable = peer.next()
        except BaseException:
            self.close()
            raise
        if not reusable:
            self.close()
        first_byte = max(answer.began - sent, 0.0)
        return Received(answer, replace(timings, first_byte=first_byte), self._tls)

    async def _connected(self) -> tuple[Peer, Timings]:
        if self._peer is not None and not self._peer.is_reusable:
            self.close()
        if self._peer is not None:
            return self._peer, Timings()
        began = self._clock()
        connection = await self._connection()
        timings = Timings(connect=self._clock() - began)
        if self._target.scheme == "https":
            began = self._clock()
            self._peer = await self._secured(connection)
            return self._peer, replace(timings, tls=self._clock() - began)
        reader, writer = await asyncio.open_connection(sock=connection)
        self._peer = Peer(h11.CLIENT, reader, writer)
        return self._peer, timings

    async def _connection(self) -> socket.socket:
        """A connection to the first address that takes one; raises OSError where none does."""
        addresses = await self._passage.addresses()
        for address in addresses[:-1]:
            try:
                return await self._connect(address)
            except OSError:
                continue
        return await self._connect(addresses[-1])

    async def _connect(self, address: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(0)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            place = (address, self._target.port)
            await asyncio.get_running_loop().sock_connect(connection, place)
        except BaseException:
            connection.close()
            raise
        return connection

    async def _secured(self, connection: socket.socket) -> Peer:
        """The same connection with TLS; raises an OSError where the target is not trusted."""
        reader, writer = await asyncio.open_connection(
            sock=connection, ssl=self._context, server_hostname=self._target.host
        )
        self._tls = facts(writer.get_extra_info("ssl_object"))
        return Peer(h11.CLIENT, reader, writer)


def facts(connection: ssl.SSLObject) -> Tls:
    """What a secured connection says about itself and its peer's certificate."""
    certificate = connection.getpeercert() or {}
    cipher = connection.cipher()
    return Tls(
        version=connection.version() or "",
        cipher=cipher[0] if cipher else "",
        subject=_named(certificate.get("subject")),
        issuer=_named(certificate.get("issuer")),
        expires=str(certificate.get("notAfter", "")),
    )


def _named(name: object) -> str:
    """A distinguished name as `ssl` gives it, in one line."""
    parts = name if isinstance(name, tuple) else ()
    return ", ".join(f"{key}={value}" for part in parts for key, value in part)
