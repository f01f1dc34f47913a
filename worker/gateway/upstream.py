"""The gateway's client: one connection to the target, kept while it can be used again."""

from __future__ import annotations

import asyncio
import ssl

import h11

from worker.gateway.rules import Origin
from worker.gateway.wire import Answer, Peer, Request, WireError

#: Kept of a response; a longer one is an error of the exchange.
ANSWER_BYTES = 32 * 1024**2


class UpstreamError(Exception):
    """No response came; says why."""


class Upstream:
    """Sends requests to one origin, one after the other."""

    def __init__(
        self, target: Origin, tls: ssl.SSLContext, *, connect_seconds: float, answer_seconds: float
    ) -> None:
        self._target = target
        self._tls = tls if target.scheme == "https" else None
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._peer: Peer | None = None

    async def send(self, request: Request) -> Answer:
        """Send a request and read its response, whatever its status.

        Raises UpstreamError where there is none.
        """
        try:
            async with asyncio.timeout(self._connect_seconds):
                peer = await self._connected()
        except TimeoutError as error:
            raise UpstreamError(f"{self._target} did not accept a connection in time") from error
        except (OSError, ValueError) as error:
            raise UpstreamError(f"{self._target} cannot be reached: {error}") from error
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await self._exchange(peer, request)
        except TimeoutError as error:
            limit = f"{self._answer_seconds:g} seconds"
            raise UpstreamError(f"{self._target} did not answer within {limit}") from error
        except (OSError, WireError) as error:
            raise UpstreamError(f"{self._target} gave no usable answer: {error}") from error

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._peer is not None:
            peer, self._peer = self._peer, None
            peer.abort()

    async def _exchange(self, peer: Peer, request: Request) -> Answer:
        try:
            await peer.send_request(request)
            answer = await peer.receive_answer(ANSWER_BYTES)
            reusable = peer.next()
        except BaseException:
            self.close()
            raise
        if not reusable:
            self.close()
        return answer

    async def _connected(self) -> Peer:
        if self._peer is not None and not self._peer.is_reusable:
            self.close()
        if self._peer is None:
            reader, writer = await asyncio.open_connection(
                self._target.host, self._target.port, ssl=self._tls
            )
            self._peer = Peer(h11.CLIENT, reader, writer)
        return self._peer
