"""One gateway: a server for one case, a client to its target, a record of both."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace

import h11

from app.domain.redaction import Redactor
from worker.gateway import rules
from worker.gateway.recording import Recorder
from worker.gateway.rules import Origin
from worker.gateway.upstream import Upstream, UpstreamError
from worker.gateway.wire import Answer, Peer, Request, WireError

#: Read of a request; a longer one is refused.
REQUEST_BYTES = 8 * 1024**2


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long the gateway waits for the target, in seconds."""

    connect: float = 10.0
    answer: float = 60.0


@dataclass(slots=True)
class Gateway:
    """Serves one case. Its coroutines run on the hub's loop."""

    target: Origin
    headers: Mapping[str, str]
    redactor: Redactor
    recorder: Recorder
    tls: ssl.SSLContext
    timeouts: Timeouts

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward the requests of one connection, one after the other, until it is closed."""
        peer = Peer(h11.SERVER, reader, writer)
        upstream = Upstream(
            self.target,
            self.tls,
            connect_seconds=self.timeouts.connect,
            answer_seconds=self.timeouts.answer,
        )
        try:
            # A client that leaves before its answer is written needs no answer.
            with contextlib.suppress(OSError, WireError):
                while await self._serve_one(peer, upstream):
                    pass
        finally:
            upstream.close()
            await peer.close()

    async def _serve_one(self, peer: Peer, upstream: Upstream) -> bool:
        try:
            request = await peer.receive_request(REQUEST_BYTES)
        except WireError as error:
            await peer.send_answer(self._own(400, f"not forwarded: {error}"))
            return False
        if request is None:
            return False
        await peer.send_answer(await self._answer(request, upstream))
        return peer.next()

    async def _answer(self, request: Request, upstream: Upstream) -> Answer:
        sent = replace(request, headers=rules.outgoing(request.headers, self.headers))
        pending = self.recorder.begin(sent)
        try:
            rules.admit(request.method, request.path, request.headers, self.target)
            answer = await upstream.send(sent)
        except rules.RefusedError as error:
            self.recorder.fail(pending, f"Refused: {error}")
            return self._own(403, f"refused: {error}")
        except UpstreamError as error:
            self.recorder.fail(pending, str(error))
            return self._own(502, str(error))
        self.recorder.finish(pending, answer)
        return replace(answer, headers=rules.without_reserved(answer.headers))

    def _own(self, status: int, reason: str) -> Answer:
        """A response that the gateway makes itself, marked as such."""
        line = " ".join(self.redactor.text(reason).split())
        text = line.encode("ascii", "backslashreplace")
        headers = (
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(text))),
            (rules.ERROR, text.decode()),
        )
        return Answer(status, b"", headers, text)
