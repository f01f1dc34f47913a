"""Stands where the target would be asked, and answers from tapes: no request leaves the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.domain.results import Exchange, Message
from worker.gateway.recording import Recorder, Taken
from worker.gateway.rules import Headers
from worker.gateway.upstream import Received, UpstreamError
from worker.gateway.wire import Answer, Request
from worker.strength.tape import Tape, Unrecorded

#: Said anew of the body that is sent, which is recorded without its content coding.
_OF_THE_BODY = frozenset({"content-length", "transfer-encoding", "content-encoding", "connection"})
#: A status of these says that no body follows (RFC 9112, section 6.3).
_BODILESS = frozenset({204, 304})


class Reel:
    """The tapes of a case's checks in the order in which these run."""

    def __init__(self, tapes: Iterable[Tape]) -> None:
        self._tapes = iter(tapes)
        self._tape = next(self._tapes, Tape(()))

    def answer(self, asked: Exchange) -> Exchange | Unrecorded:
        """What the tape of the check at work says."""
        return self._tape.answer(asked)

    def turning(self, take: Callable[[], Taken]) -> Callable[[], Taken]:
        """What takes the record of one check, and goes on to the next one's tape.

        The process of the case waits meanwhile (see `worker.frames.CheckEnded`).
        """

        def taken() -> Taken:
            found = take()
            self._tape = next(self._tapes, Tape(()))
            return found

        return taken


@dataclass(frozen=True, slots=True)
class Replayed:
    """Gets responses from a reel."""

    reel: Reel
    recorder: Recorder

    async def send(self, request: Request) -> Received:
        """The recorded response; raises UpstreamError where none was recorded."""
        found = self.reel.answer(self.recorder.asked(request))
        if isinstance(found, Unrecorded):
            raise UpstreamError(str(found))
        if found.response is None or found.status is None:
            raise UpstreamError(found.error)
        return Received(_answer(request.method, found.status, found.response))

    def close(self) -> None:
        """Nothing is open."""


def _answer(method: str, status: int, message: Message) -> Answer:
    has_body = method != "HEAD" and status not in _BODILESS
    body = message.body.encode("utf-8", "replace") if has_body else b""
    kept: Headers = tuple(
        pair for pair in message.headers if pair[0].lower() not in _OF_THE_BODY or method == "HEAD"
    )
    length = (("Content-Length", str(len(body))),) if has_body else ()
    return Answer(status, b"", kept + length, body)
