"""The ways in which one recorded answer can be wrong. Pure.

Each mutation is one change of one answer; every other answer stays as it was recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice

from app.domain.results import Exchange, Message
from app.domain.strength import Change, Kind
from testops import pointers
from testops.contract import essence
from testops.json_values import Json
from worker.strength import places

#: Headers that the wire needs or that say nothing about the answer.
_OF_THE_WIRE = frozenset(
    {"content-length", "transfer-encoding", "content-encoding", "connection", "keep-alive"}
    | {"date", "server"}
)
#: Of the changed bodies of one check, in characters: an object may have any number of members.
VOLUME = 32 * 1024**2


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change, and the exchange with the changed answer."""

    change: Change
    answered: Exchange


def of_answer(number: int, exchange: Exchange, volume: int = VOLUME) -> Iterator[Mutation]:
    """What can be wrong with one answer by itself; nothing where none came.

    Changed bodies have about `volume` characters together: of a larger one less is changed.
    """
    if exchange.response is None or exchange.status is None:
        return
    for status in _other_statuses(exchange.status):
        told = f"{status} for {exchange.status}"
        answered = replace(exchange, status=status)
        yield mutation(Kind.STATUS, number, "/status", told, answered)
    for name in dict.fromkeys(name.lower() for name, _ in exchange.response.headers):
        if name not in _OF_THE_WIRE:
            place = pointers.plain(("headers", name))
            yield mutation(
                Kind.MISSING_HEADER,
                number,
                place,
                f"{name} is not there",
                _without(exchange, exchange.response, name),
            )
    body = body_of(exchange)
    most = 1 + volume // (len(exchange.response.body) + 1)
    for edit in islice(places.edits(body), most) if body is not ... else ():
        answered = with_body(exchange, edit.value)
        yield mutation(edit.kind, number, f"/body{edit.pointer}", edit.told, answered)


def mutation(kind: Kind, number: int, place: str, told: str, answered: Exchange) -> Mutation:
    """A mutation of the exchange with this number."""
    request = f"{answered.method} {answered.url}"
    return Mutation(Change(kind, number, request, place, told), answered)


def mutated(exchanges: Sequence[Exchange], wanted: Mutation) -> tuple[Exchange, ...]:
    """A recording with one answer changed."""
    number = wanted.change.exchange
    return (*exchanges[:number], wanted.answered, *exchanges[number + 1 :])


def body_of(exchange: Exchange) -> Json:
    """The JSON value that an answer holds; Ellipsis where it holds none that can be read."""
    answer = exchange.response
    if answer is None or answer.truncated or not answer.body:
        return ...
    if not is_json(media_type(answer)):
        return ...
    try:
        return json.loads(answer.body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return ...


def with_body(exchange: Exchange, value: Json) -> Exchange:
    """An exchange whose answer holds another JSON value."""
    answer = exchange.response or Message((), "")
    return replace(exchange, response=replace(answer, body=json.dumps(value)))


def is_success(exchange: Exchange) -> bool:
    """Whether the request was answered with a success (RFC 9110, section 15.3)."""
    return exchange.status is not None and HTTPStatus(200) <= exchange.status < HTTPStatus(300)


def media_type(answer: Message) -> str:
    """The answer's media type without parameters, in lower case; empty where it has none."""
    found = (value for name, value in answer.headers if name.lower() == "content-type")
    return essence(next(found, ""))


def is_json(name: str) -> bool:
    """Whether a media type is JSON (RFC 8259, RFC 6839)."""
    return name == "application/json" or name.endswith("+json")


def _other_statuses(status: int) -> Iterator[int]:
    """A server error; a success that is another one, or none at all where there was none."""
    if status != HTTPStatus.INTERNAL_SERVER_ERROR:
        yield int(HTTPStatus.INTERNAL_SERVER_ERROR)
    yield int(HTTPStatus.ACCEPTED if status == HTTPStatus.OK else HTTPStatus.OK)


def _without(exchange: Exchange, answer: Message, name: str) -> Exchange:
    kept = tuple(pair for pair in answer.headers if pair[0].lower() != name)
    return replace(exchange, response=replace(answer, headers=kept))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
