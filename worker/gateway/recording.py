"""Exchanges as they are kept: bounded, readable, without secrets."""

from __future__ import annotations

import threading
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.domain.redaction import Redactor
from app.domain.results import Exchange, Message, Timings
from worker.gateway.rules import Headers
from worker.gateway.upstream import Received
from worker.gateway.wire import Request

#: Kept of the exchanges of one check, in characters: one event must fit into one message.
_CHECK_LIMIT = 512 * 1024
#: Kept of one header's value, in characters.
_VALUE_LIMIT = 1024
#: Kept of a URL, in characters.
_URL_LIMIT = 4 * 1024

#: More requests than a case can send at any honest pace; beyond it the record is not complete.
_FACTS = 20_000

_INTERRUPTED = "No response had come when the check ended."


@dataclass(frozen=True, slots=True)
class Fact:
    """That a request was sent, and how it was answered: what a check's claims are held against."""

    method: str
    #: As the script sent it, without the query.
    path: str
    #: None where no response came.
    status: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was recorded in a while."""

    #: Bounded; the first ones may be missing.
    exchanges: tuple[Exchange, ...] = ()
    facts: tuple[Fact, ...] = ()
    #: Whether the facts are all there were.
    is_complete: bool = True


@dataclass(slots=True)
class Pending:
    """A request on its way."""

    request: Request
    began: float
    #: As the script sent it.
    path: str
    #: Waited for its turn, in seconds.
    held: float = 0.0


@dataclass(slots=True)
class Recorder:
    """Keeps the exchanges of the check that is running. May be used from several threads."""

    origin: str
    redactor: Redactor
    body_bytes: int
    clock: Callable[[], float]
    _done: deque[Exchange] = field(default_factory=deque)
    #: How much is in `_done`, in characters.
    _kept: int = 0
    _facts: list[Fact] = field(default_factory=list)
    _pending: list[Pending] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self, request: Request) -> Pending:
        """A request is about to be sent."""
        pending = Pending(request, self.clock(), request.path.partition("?")[0])
        with self._lock:
            self._pending.append(pending)
        return pending

    def asked(self, request: Request) -> Exchange:
        """A request as it is kept, without a response."""
        return self._exchange(Pending(request, self.clock(), request.path))

    def finish(self, pending: Pending, received: Received) -> None:
        """The response has come."""
        answer = received.answer
        exchange = replace(
            self._exchange(pending),
            status=answer.status,
            response=self._message(answer.headers, answer.body),
            timings=replace(received.timings, held=pending.held),
            tls=received.tls,
        )
        self._keep(pending, exchange)

    def fail(self, pending: Pending, reason: str) -> None:
        """There will be no response."""
        self._keep(pending, replace(self._exchange(pending), error=self.redactor.text(reason)))

    def take(self) -> Taken:
        """What was recorded since the last time.

        A request that still waits is taken as one without a response; a response that comes later
        is dropped, since nobody saw it.
        """
        with self._lock:
            for pending in list(self._pending):
                self.fail(pending, _INTERRUPTED)
            is_complete = len(self._facts) <= _FACTS
            taken = Taken(tuple(self._done), tuple(self._facts[:_FACTS]), is_complete)
            self._done.clear()
            self._facts.clear()
            self._kept = 0
            return taken

    def _keep(self, pending: Pending, exchange: Exchange) -> None:
        with self._lock:
            if pending not in self._pending:
                return
            self._pending.remove(pending)
            self._done.append(exchange)
            if len(self._facts) <= _FACTS:
                self._facts.append(Fact(exchange.method, pending.path, exchange.status))
            # The last ones say most about why a check ended as it did.
            self._kept += _size(exchange)
            while len(self._done) > 1 and self._kept > _CHECK_LIMIT:
                self._kept -= _size(self._done.popleft())

    def _exchange(self, pending: Pending) -> Exchange:
        request = pending.request
        return Exchange(
            method=request.method,
            url=self.redactor.url(self.origin + request.path)[:_URL_LIMIT],
            request=self._message(request.headers, request.body),
            status=None,
            response=None,
            duration_seconds=self.clock() - pending.began,
            timings=Timings(held=pending.held),
        )

    def _message(self, headers: Headers, body: bytes) -> Message:
        redacted = self.redactor.headers(headers)
        kept = tuple((name[:_VALUE_LIMIT], value[:_VALUE_LIMIT]) for name, value in redacted)
        # A secret that straddles the limit is only recognised with what lies behind it.
        margin = 4 * self.redactor.longest
        readable = decoded(headers, body, self.body_bytes + margin)
        text = readable[: self.body_bytes + margin].decode("utf-8", "backslashreplace")
        return Message(
            headers=kept,
            body=self.redactor.text(text)[: self.body_bytes],
            truncated=len(readable) > self.body_bytes,
        )


def decoded(headers: Headers, body: bytes, limit: int) -> bytes:
    """The body without its content coding (RFC 9110 §8.4), about `limit` bytes of it.

    A coding that the standard library cannot undo, or a broken one, is described instead: a secret
    must not stay readable in compressed form.
    """
    names = [value.strip().lower() for name, value in headers if name.lower() == "content-encoding"]
    coding = ", ".join(names)
    if coding in {"", "identity"} or not body:
        return body
    unreadable = f"({len(body)} bytes in content coding {coding})".encode()
    windows = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}.get(coding, ())
    return next(
        (text for bits in windows if (text := _inflated(body, bits, limit + 1))), unreadable
    )


def _inflated(body: bytes, window_bits: int, limit: int) -> bytes:
    """The first bytes of a compressed body; nothing where it is not compressed so."""
    try:
        return zlib.decompressobj(window_bits).decompress(body, limit)
    except zlib.error:
        return b""


def _size(exchange: Exchange) -> int:
    messages = [exchange.request, *([exchange.response] if exchange.response else [])]
    headers = sum(len(name) + len(value) for each in messages for name, value in each.headers)
    return len(exchange.url) + headers + sum(len(each.body) for each in messages)
