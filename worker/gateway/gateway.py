"""One gateway: a server for one case, a client to its target, a record of both."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import h11

from app.domain.redaction import Redactor
from app.domain.results import Deletion
from worker.gateway import rules
from worker.gateway.bearing import Bearers, Bearing
from worker.gateway.cleaning import Cleaning
from worker.gateway.creations import Creations
from worker.gateway.passage import Passage
from worker.gateway.placeholders import Placeholders
from worker.gateway.recording import Pending, Recorder
from worker.gateway.replaying import Reel, Replayed
from worker.gateway.rules import Origin
from worker.gateway.upstream import Received, Sender, Timeouts, Upstream, UpstreamError
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
    #: What is followed to clean up after the case; None where nobody wants that.
    creations: Creations | None = None
    #: Added to the requests of one user.
    bearers: Bearers = field(default_factory=Bearers)
    #: What answers in the target's place; None where the target is asked.
    reel: Reel | None = None
    #: Requests that may create something, by what is done when they were answered.
    _creating: dict[asyncio.Future[None], Request] = field(default_factory=dict)
    _is_over: bool = False
    #: Those that are known not to be shown.
    _tokens: set[str] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward the requests of one connection, one after the other, until it is closed."""
        peer = Peer(h11.SERVER, reader, writer)
        upstream = self._upstream()
        try:
            # A client that leaves before its answer is written needs no answer.
            with contextlib.suppress(OSError, WireError):
                while await self._serve_one(peer, upstream):
                    pass
        finally:
            upstream.close()
            await peer.close()

    async def _serve_one(self, peer: Peer, upstream: Sender) -> bool:
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

    async def _answer(self, request: Request, upstream: Sender) -> Answer:
        bare = replace(request, headers=rules.without_reserved(request.headers))
        pending = self.recorder.begin(bare)
        try:
            rules.admit(request.method, request.path, request.headers, self.target)
            known = self.bearers.identities
            headers = rules.outgoing(request.headers, self.headers, known)
            path = rules.outgoing_path(request.path, request.headers, known)
            asked = replace(request, path=path, headers=headers)
            pending.request = self.placeholders.filled(asked)
            received = await self._sent(pending, upstream)
        except rules.RefusedError as error:
            self.recorder.fail(pending, f"Refused: {error}")
            return self._own(403, f"refused: {error}")
        except UpstreamError as error:
            self.recorder.fail(pending, str(error))
            return self._own(502, str(error))
        return self._received(pending, received)

    async def _sent(self, pending: Pending, upstream: Sender) -> Received:
        """The response to a request, which is sent when it is its turn."""
        pending.held = self.passage.hold()
        if pending.held:
            await asyncio.sleep(pending.held)
        if self._is_over:
            raise rules.RefusedError("the case has ended")
        if self.creations is None:
            return await upstream.send(pending.request)
        with self._under_way(pending.request, self.creations):
            received = await upstream.send(pending.request)
            self.creations.note(pending.request, received.answer)
        return received

    @contextlib.contextmanager
    def _under_way(self, request: Request, creations: Creations) -> Iterator[None]:
        """Meanwhile a request that may create something is not answered."""
        if not creations.may_come_of(request):
            yield
            return
        done = asyncio.get_running_loop().create_future()
        self._creating[done] = request
        try:
            yield
        finally:
            del self._creating[done]
            done.set_result(None)

    async def clean_up(self) -> tuple[Deletion, ...]:
        """Send no more requests of the case, and delete what it has created and left behind.

        What the case asked for and was not answered is waited for: its process may be dead, but the
        target is at work. All of it takes a bounded time.
        """
        self._is_over = True
        if self.creations is None:
            return ()
        if self._creating:
            await asyncio.wait(self._creating, timeout=self.timeouts.clean_up / 2)
        with contextlib.closing(self._upstream()) as upstream:
            cleaning = Cleaning(str(self.target), upstream, self.passage, self.redactor)
            unanswered = list(self._creating.values())
            return await cleaning.after(self.creations, unanswered, self.timeouts.clean_up)

    def _upstream(self) -> Sender:
        if self.reel is not None:
            return Replayed(self.reel, self.recorder)
        upstream = Upstream(self.target, self.passage, self.tls, self.timeouts, self.clock)
        return Bearing(upstream, self.bearers, self._learn)

    def _learn(self, token: str) -> None:
        """From now on this is neither kept nor handed to the script."""
        if token not in self._tokens:
            self._tokens.add(token)
            self.placeholders = self.placeholders.also(token)
            self.redactor = self.recorder.redactor = self.redactor.also(token)

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
