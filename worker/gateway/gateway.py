"""One gateway: a server for one case, a client to its target, a record of both."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import h11

from app.domain.redaction import Redactor
from worker.gateway import rules
from worker.gateway.passage import Passage
from worker.gateway.placeholders import Placeholders
from worker.gateway.recording import Pending, Recorder
from worker.gateway.rules import Origin
from worker.gateway.upstream import Received, Timeouts, Upstream, UpstreamError
from worker.gateway.wire import Answer, Peer, Request, TooLongError, WireError

#: Read of a request; a longer one is refused.
REQUEST_BYTES = 8 * 1024**2


@dataclass(slots=True)
class Gateway:
    """Serves one case. Its coroutines run on the hub's loop."""

    target: Origin
    #: Added to every request.
    headers: Mapping[str, str]
    placeholders: Placeholders
    redactor: Redactor
    recorder: Recorder
    passage: Passage
    tls: ssl.SSLContext
    timeouts: Timeouts
    clock: Callable[[], float]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward the requests of one connection, one after the other, until it is closed."""
        peer = Peer(h11.SERVER, reader, writer)
        upstream = Upstream(self.target, self.passage, self.tls, self.timeouts, self.clock)
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
        except TooLongError as error:
            self.recorder.fail(self.recorder.begin(error.request), f"Refused: {error}")
            await peer.send_answer(self._own(413, f"refused: {error}"))
            return False
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
            pending.request = self.placeholders.filled(sent)
            pending.held = self.passage.hold()
            if pending.held:
                await asyncio.sleep(pending.held)
            received = await upstream.send(pending.request)
        except rules.RefusedError as error:
            self.recorder.fail(pending, f"Refused: {error}")
            return self._own(403, f"refused: {error}")
        except UpstreamError as error:
            self.recorder.fail(pending, str(error))
            return self._own(502, str(error))
        return self._received(pending, received)

    def _received(self, pending: Pending, received: Received) -> Answer:
        """The response as the script gets it; on record before."""
        self.recorder.finish(pending, received)
        answer = self.placeholders.emptied(received.answer)
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
