"""Answers that are wrong because of what was written before: stale reads and ignored writes. Pure.

A read is a GET that comes after a write that succeeded. It is stale if it is answered as if the
last write had not been seen yet; the write was ignored if what it sent is not there. Both are made
only from what the API itself had answered earlier about the same resource.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from app.domain.results import Exchange, Message
from app.domain.strength import Kind
from testops.json_values import Json
from worker.strength.mutations import Mutation, body_of, is_success, mutation, with_body
from worker.strength.tape import may_change

_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_JSON = (("Content-Type", "application/json"),)


def of_recording(exchanges: Sequence[Exchange]) -> Iterator[Mutation]:
    """Stale reads and ignored writes; each answer at most once."""
    for number, read in enumerate(exchanges):
        writes = [n for n in range(number) if may_change(exchanges[n]) and is_success(exchanges[n])]
        if read.method == "GET" and read.response is not None and writes:
            yield from _of_read(exchanges, number, writes[-1])
        if read.method in {"PUT", "PATCH"} and is_success(read):
            yield from _unwritten(exchanges, number, number)


def _of_read(exchanges: Sequence[Exchange], number: int, write: int) -> Iterator[Mutation]:
    stale = list(_stale(exchanges, number, write))
    yield from stale
    for ignored in (
        *_uncreated(exchanges, number, write),
        *_unwritten(exchanges, number, write),
    ):
        if not any(_is_answered_alike(ignored.answered, each.answered) for each in stale):
            yield ignored


def _stale(exchanges: Sequence[Exchange], number: int, write: int) -> Iterator[Mutation]:
    """The read as it was answered before the write, or as it must have been."""
    read, wrote = exchanges[number], exchanges[write]
    told = f"as before {wrote.method} {wrote.url}"
    earlier = [each for each in exchanges[:write] if _is_same_read(each, read)]
    before = earlier[-1] if earlier else None
    if before is None and wrote.method == "DELETE":
        before = _undeleted(exchanges, read, write)
    if before is not None and not _is_answered_alike(before, read):
        answered = replace(read, status=before.status, response=before.response)
        yield mutation(Kind.STALE_READ, number, "", told, answered)


def _undeleted(exchanges: Sequence[Exchange], read: Exchange, write: int) -> Exchange | None:
    """What a read of a deleted resource, or of a list that it was in, was answered before."""
    deleted = exchanges[write].url
    known = _known(exchanges[:write], deleted)
    if known is None:
        return None
    if read.url == deleted and read.status in _GONE:
        answer = Message(_JSON, json.dumps(known))
        return replace(read, status=int(HTTPStatus.OK), response=answer)
    items = body_of(read)
    if isinstance(items, list) and _path(deleted).startswith(f"{_path(read.url)}/"):
        return with_body(read, [*items, known])
    return None


def _uncreated(exchanges: Sequence[Exchange], number: int, write: int) -> Iterator[Mutation]:
    """The read finds nothing of what was created."""
    read, wrote = exchanges[number], exchanges[write]
    told = f"as if {wrote.method} {wrote.url} had created nothing"
    if wrote.method != "POST" or not is_success(read):
        return
    if read.url in _places(wrote):
        answered = replace(read, status=int(HTTPStatus.NOT_FOUND), response=Message((), ""))
        yield mutation(Kind.IGNORED_WRITE, number, "/status", told, answered)
    elif _path(read.url) == _path(wrote.url):
        for place, items, rest in _lists_without(body_of(read), body_of(wrote)):
            if len(rest) < len(items):
                value = rest if not place else {**body_of(read), place: rest}
                answered = with_body(read, value)
                pointer = f"/body/{place}" if place else "/body"
                yield mutation(Kind.IGNORED_WRITE, number, pointer, told, answered)


def _unwritten(exchanges: Sequence[Exchange], number: int, write: int) -> Iterator[Mutation]:
    """What PUT or PATCH sent is not there, but what was there before."""
    answered, wrote = exchanges[number], exchanges[write]
    if wrote.method not in {"PUT", "PATCH"} or answered.url != wrote.url:
        return
    known, found, sent = _known(exchanges[:write], wrote.url), body_of(answered), _sent(wrote)
    if not (isinstance(known, dict) and isinstance(found, dict) and isinstance(sent, dict)):
        return
    before = {name: known[name] for name in sent if name in known and name in found}
    if any(found[name] != value for name, value in before.items()):
        told = f"as if {wrote.method} {wrote.url} had changed nothing"
        value = {**found, **before}
        yield mutation(Kind.IGNORED_WRITE, number, "/body", told, with_body(answered, value))


def _known(exchanges: Sequence[Exchange], url: str) -> Json:
    """The object that was last answered about a resource; None where there was none."""
    told = [
        body
        for each in exchanges
        if is_success(each)
        and (each.url == url or (each.method == "POST" and url in _places(each)))
        and isinstance(body := body_of(each), dict)
    ]
    return told[-1] if told else None


def _places(created: Exchange) -> set[str]:
    """Where that which a POST has created may be: its Location, or below by a value it has."""
    answer, body = created.response, body_of(created)
    headers = answer.headers if answer else ()
    told = {urljoin(created.url, text) for name, text in headers if name.lower() == "location"}
    values = body.values() if isinstance(body, dict) else ()
    url, mark, query = created.url.partition("?")
    below = {f"{url}/{value}" for value in values if isinstance(value, int | str) and value}
    # A key in the query goes with every request.
    return {place + tail for place in told | below for tail in ("", mark + query)}


def _lists_without(found: Json, created: Json) -> Iterator[tuple[str, list[Json], list[Json]]]:
    """Each list at the top or right below: its property, its items, those that are not created."""
    members = found.items() if isinstance(found, dict) else [("", found)]
    for name, items in members:
        if isinstance(items, list) and isinstance(created, dict):
            yield name, items, [item for item in items if not _is_of(item, created)]


def _is_of(item: Json, created: dict[str, Json]) -> bool:
    """Whether an item shows what was created: it has the same under every name they share."""
    shared = item.keys() & created.keys() if isinstance(item, dict) else set()
    return bool(shared) and all(item[name] == created[name] for name in shared)


def _sent(exchange: Exchange) -> Json:
    try:
        return json.loads(exchange.request.body)
    except (ValueError, RecursionError):
        return None


def _is_same_read(one: Exchange, other: Exchange) -> bool:
    return one.method == "GET" and one.url == other.url and one.response is not None


def _is_answered_alike(one: Exchange, other: Exchange) -> bool:
    bodies = [each.response.body if each.response else "" for each in (one, other)]
    known = [body_of(each) for each in (one, other)]
    return one.status == other.status and (bodies[0] == bodies[1] or known[0] == known[1] != ...)


def _path(url: str) -> str:
    return urlsplit(url).path
