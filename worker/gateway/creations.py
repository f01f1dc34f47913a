"""What a case has created and not deleted, as far as the API description says how to. Pure.

Whatever is counted is deleted, so nothing may be counted that was there before the case. A POST to
a collection creates the member that its answer names, by Location or in its body, where that is a
201 (RFC 9110, section 15.3.2); also where it is 200, as many APIs answer, unless the description
has 201 tell creating from finding, or the request itself named the member. A PUT creates where it
is answered with 201 and the description has that tell creating from replacing. And the description
has to document how members of the collection are deleted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from urllib.parse import quote, unquote, urljoin, urlsplit

from testops.json_values import Json
from worker.gateway import recording
from worker.gateway.rules import Headers
from worker.gateway.wire import Answer, Request

#: Remembered of one case; more is left alone, and that is told.
MOST = 100
#: A resource says its id early: a larger body is not looked into, in bytes.
_LOOKED_INTO = 64 * 1024
_LONGEST_ID = 200
#: Headers that speak of the creating request's body, or of its effect, not of who asks.
_ITS_OWN = re.compile(r"content-.*|if-.*|transfer-encoding|trailer|expect|range|idempotency-key")
#: What may say that something was created; 202 says that it may be later.
_GOOD = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})
#: The members of a collection at the end of a path template: "/books/{bookId}".
_MEMBER = re.compile(r"(?P<collection>[^?#]*)/\{(?P<name>[^{}/]+)\}")
_ANY = "{}"
#: Segments that lead elsewhere (RFC 3986, section 5.2.4).
_DOTS = frozenset({"", ".", ".."})


@dataclass(frozen=True, slots=True)
class _Collection:
    """Something with members that can be deleted."""

    #: The segments of its path, with the base URL's before them.
    path: tuple[str, ...]
    #: What the description calls the segment that names a member.
    name: str
    #: Whether a POST to it, or a PUT of a member, says if the member is new.
    post_tells: bool
    put_tells: bool

    def is_at(self, path: str) -> bool:
        """Whether this is its path."""
        return _fits(self.path, _segments(path))

    def holds(self, path: str) -> bool:
        """Whether this is the path of a member."""
        return _fits((*self.path, _ANY), _segments(path))


class Creations:
    """Follows what one case asks and is answered."""

    def __init__(self, contract: str, base_url: str) -> None:
        """`contract` is JSON text (see `testops.contract`); it is read when it is first needed."""
        self._contract = contract
        self._base = urlsplit(base_url)
        self._left: dict[tuple[str, ...], Request] = {}
        #: How many were created beyond those that are remembered.
        self.passed_over = 0

    def may_come_of(self, request: Request) -> bool:
        """Whether a request may create something that can be deleted."""
        return self._collection(request) is not None

    def note(self, request: Request, answer: Answer) -> None:
        """A request was answered; both are as they went over the wire."""
        if request.method == "DELETE":
            if is_gone(answer.status):
                self._left.pop(_segments(_path(request)), None)
        elif answer.status in _GOOD and (place := self._place(request, answer)):
            self._add(_deletion(request, place))

    def deletions(self) -> Sequence[Request]:
        """What deletes everything that is left, the newest first, asked by who created it."""
        return list(reversed(self._left.values()))

    def _add(self, deletion: Request) -> None:
        key = _segments(_path(deletion))
        if key not in self._left and len(self._left) == MOST:
            self.passed_over += 1
        else:
            self._left.setdefault(key, deletion)

    def _collection(self, request: Request) -> _Collection | None:
        """Where a request may create a member."""
        path = _path(request)
        if request.method == "POST":
            return next((each for each in self._collections if each.is_at(path)), None)
        if request.method == "PUT":
            told = (each for each in self._collections if each.put_tells and each.holds(path))
            return next(told, None)
        return None

    @cached_property
    def _collections(self) -> Sequence[_Collection]:
        operations: Mapping[str, Json] = json.loads(self._contract).get("operations", {})
        telling = {_unnamed(key) for key, value in operations.items() if _tells_new(value)}
        base = _segments(self._base.path)
        return [
            _Collection(
                base + _segments(member["collection"]),
                member["name"],
                _unnamed(f"POST {member['collection']}") in telling,
                _unnamed(f"PUT {path}") in telling,
            )
            for method, _, path in (key.partition(" ") for key in operations)
            if method == "DELETE" and (member := _MEMBER.fullmatch(path))
        ]

    def _place(self, request: Request, answer: Answer) -> str:
        """The path of what was created; empty where it is not known, or cannot be deleted."""
        path, collection = _path(request), self._collection(request)
        is_told = answer.status == HTTPStatus.CREATED
        if collection is None:
            return ""
        if request.method == "PUT":
            return path if is_told else ""
        if collection.post_tells and not is_told:
            return ""
        member = self._located(path, answer) or _identified(collection.name, answer)
        is_old = not is_told and member == _identified(collection.name, request)
        return "" if is_old or unquote(member) in _DOTS else f"{path.rstrip('/')}/{member}"

    def _located(self, path: str, answer: Answer) -> str:
        """The member that Location names, absolute or relative (RFC 9110, section 10.2.2)."""
        location = next((text for name, text in answer.headers if name.lower() == "location"), "")
        try:
            parts = urlsplit(urljoin(f"//{self._base.netloc}{path}", location))
        except ValueError:
            return ""
        parent, _, member = parts.path.rpartition("/")
        is_here = parts.hostname == self._base.hostname and _segments(parent) == _segments(path)
        return member if is_here else ""


def is_gone(status: int) -> bool:
    """Whether an answer to a DELETE says that there is nothing any more."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES or status in {
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }


def _path(request: Request) -> str:
    return request.path.partition("?")[0]


def _segments(path: str) -> tuple[str, ...]:
    """The parts of a path, decoded; a slash at its end does not matter."""
    return tuple(unquote(part) for part in path.split("/") if part)


def _fits(template: Sequence[str], segments: Sequence[str]) -> bool:
    pairs = zip(template, segments, strict=False)
    return len(template) == len(segments) and all(
        wanted == found or "{" in wanted for wanted, found in pairs
    )


def _unnamed(key: str) -> str:
    """An operation whose placeholders have no names: these may differ on one path."""
    return re.sub(r"\{[^{}]*\}", _ANY, key)


def _tells_new(operation: Json) -> bool:
    match operation:
        case {"responses": {"201": _, **others}}:
            return any(str(status).startswith("2") for status in others)
    return False


def _identified(name: str, message: Request | Answer) -> str:
    """The member that a body names: under the placeholder's name, or as the id it asks for."""
    body = recording.decoded(message.headers, message.body, _LOOKED_INTO)
    try:
        value = json.loads(body) if len(body) <= _LOOKED_INTO else None
    except (ValueError, RecursionError):
        return ""
    known = {_plain(key): each for key, each in value.items()} if isinstance(value, dict) else {}
    wanted = _plain(name)
    names = (wanted, "id", "uuid") if wanted.endswith("id") else (wanted,)
    return next((quote(str(known[each]), safe="") for each in names if _is_id(known.get(each))), "")


def _plain(name: str) -> str:
    """A name without what differs between spellings: "bookId" and "book_id" are one."""
    return re.sub(r"[\W_]", "", name).lower()


def _is_id(value: Json) -> bool:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number or (isinstance(value, str) and 0 < len(value) <= _LONGEST_ID)


def _deletion(creating: Request, place: str) -> Request:
    """Asked with the credentials, and the query, that what is deleted was created with."""
    query = creating.path[len(_path(creating)) :]
    headers: Headers = tuple(
        (name, value) for name, value in creating.headers if not _ITS_OWN.fullmatch(name.lower())
    )
    return Request("DELETE", place + query, headers, b"")
