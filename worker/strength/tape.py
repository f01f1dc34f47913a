"""Answers the requests of a check from what was recorded of it. Pure, and asks nobody.

A recorded answer is given only where it must be the right one: to the same request, when the API
is in the same state. It is in the same state when the requests that may change it (all but those
that are safe by RFC 9110, section 9.2.1) were the same, in the same order, as when the answer was
recorded. In one state the same request is answered as often as it was recorded, in that order, and
then by the last answer again. Anything else was never recorded, and is told to be that.

A request is the same by its method, URL, headers that may make a difference, and body, but for
texts that a script makes anew (see `worker.strength.anew`); the answers then hold the new ones.
Who asks is compared as far as the record shows it: that there are credentials, not whose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from app.domain.results import Exchange, Message
from worker.strength import anew
from worker.strength.anew import Bindings

#: Requests that change nothing (RFC 9110, section 9.2.1).
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
#: Headers about the connection, the body's transfer, or one request's passage: no API answers
#: otherwise because of them.
_INDIFFERENT = frozenset(
    {"host", "connection", "keep-alive", "te", "content-length", "transfer-encoding", "date"}
    | {"user-agent", "traceparent", "tracestate", "x-request-id", "x-correlation-id"}
)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """The answer to a request of which nothing was recorded."""

    method: str
    url: str
    reason: str

    def __str__(self) -> str:
        """One line for messages."""
        return f"{self.method} {self.url} was never recorded: {self.reason}"


@dataclass(slots=True)
class Tape:
    """What was recorded of one check, and how much of it was asked for again."""

    exchanges: Sequence[Exchange]
    #: What was asked and never recorded.
    unrecorded: list[Unrecorded] = field(default_factory=list)
    #: How many requests that may change something were answered.
    _changes: int = 0
    _used: set[int] = field(default_factory=set)
    _bindings: Bindings = field(default_factory=dict)

    def answer(self, asked: Exchange) -> Exchange | Unrecorded:
        """The exchange that answers a request; of `asked` only the request counts."""
        known = {
            number: bindings
            for number in range(len(self.exchanges))
            if (bindings := self._bound(number, asked)) is not None
        }
        states = list(accumulate(map(may_change, self.exchanges), initial=0))
        now = [number for number in known if states[number] == self._changes]
        if not now:
            return self._unrecorded(asked, is_known=bool(known))
        number = next((each for each in now if each not in self._used), now[-1])
        self._bindings = known[number]
        self._used.add(number)
        self._changes += may_change(self.exchanges[number])
        return _told(self.exchanges[number], self._bindings)

    def _bound(self, number: int, asked: Exchange) -> Bindings | None:
        """The bindings with which a recorded request is the one asked."""
        recorded = self.exchanges[number]

        def may_differ(one: str, other: str) -> bool:
            # What an answer gave is sent as it was given; what is on record is no new text.
            given = any(one in _answer_text(each) for each in self.exchanges[:number])
            return not given and not any(other in _text(each) for each in self.exchanges)

        if recorded.request.truncated:
            return None
        bindings: Bindings | None = self._bindings
        for one, other in zip(_parts(recorded), _parts(asked), strict=True):
            if bindings is not None:
                bindings = anew.bound(one, other, bindings, may_differ)
        return bindings

    def _unrecorded(self, asked: Exchange, *, is_known: bool) -> Unrecorded:
        reason = "it was not asked in this state of the API" if is_known else "it was not asked"
        told = Unrecorded(asked.method, asked.url, reason)
        self.unrecorded.append(told)
        return told


def may_change(exchange: Exchange) -> bool:
    """Whether the request may change what the API keeps."""
    return exchange.method not in SAFE


def _parts(exchange: Exchange) -> tuple[str, str, str, str]:
    """What makes a request: method, URL, headers that may make a difference, and body."""
    headers = sorted(
        f"{name.lower()}: {value}"
        for name, value in exchange.request.headers
        if name.lower() not in _INDIFFERENT
    )
    return exchange.method, exchange.url, "\n".join(headers), exchange.request.body


def _answer_text(exchange: Exchange) -> str:
    answer = exchange.response
    if answer is None:
        return ""
    return "\n".join([*(value for _, value in answer.headers), answer.body])


def _text(exchange: Exchange) -> str:
    return "\n".join([*_parts(exchange), _answer_text(exchange)])


def _told(exchange: Exchange, known: Bindings) -> Exchange:
    """An exchange whose answer holds what the run at hand made anew."""
    if exchange.response is None:
        return exchange
    answer = exchange.response
    headers = tuple((name, anew.told(value, known)) for name, value in answer.headers)
    return replace(exchange, response=Message(headers, anew.told(answer.body, known)))
