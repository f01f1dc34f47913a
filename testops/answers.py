"""Holds an answer against what is documented of it, and an error against what any error must be."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest

from testops import exposure, judging, leaks, pointers
from testops.client import Response
from testops.contract import DocumentedResponse, essence
from testops.json_values import Json

#: Statuses that carry no body (RFC 9110, sections 15.2, 15.3.5, 15.3.6 and 15.4.5).
_BODILESS = frozenset({204, 205, 304})
#: Media types of JSON values one after another → what stands between them: RFC 7464, section 2.2;
#: JSON Lines, which many call by another name.
_SEPARATORS = {
    "application/json-seq": "\x1e",
    "application/jsonl": "\n",
    "application/x-jsonl": "\n",
    "application/jsonlines": "\n",
    "application/x-ndjson": "\n",
    "application/ndjson": "\n",
}
_PARTS = "multipart/byteranges"
_PROBLEM = "application/problem+json"
_CODINGS = frozenset({"identity", "gzip", "x-gzip", "deflate"})


def headers(response: Response, answer: DocumentedResponse) -> None:
    """Required headers are there, and documented ones fit their schemas."""
    __tracebackhide__ = True
    for name, required in answer.headers.items():
        text = response.headers.get(name)
        if text is None and required:
            judging.fail(response, f"expected the header {name}", where=answer.pointer)
        if text is not None:
            _header_fits(response, answer, name, text)


def body(response: Response, answer: DocumentedResponse) -> None:
    """The body has a documented content type and, where it is JSON, fits the schema."""
    __tracebackhide__ = True
    if not answer.media_types or response.method == "HEAD" or response.status in _BODILESS:
        return
    key = _media_type(response, answer)
    actual = essence(response.headers.get("Content-Type", key))
    if _is_json(actual):
        _json_fits(response, answer, key)
    elif key in answer.items and actual in _SEPARATORS:
        _items_fit(response, answer, key, _SEPARATORS[actual])


def partial(response: Response) -> None:
    """A part says which one it is (RFC 9110, section 15.3.7); several parts do so in the body."""
    __tracebackhide__ = True
    told = essence(response.headers.get("Content-Type", "")) == _PARTS
    told = told or "Content-Range" in response.headers
    if response.status == HTTPStatus.PARTIAL_CONTENT and not told:
        judging.fail(response, "expected the header Content-Range (RFC 9110, section 15.3.7)")


def safe_error(response: Response) -> None:
    """An error's body gives away no stack trace and no secret (OWASP ASVS 5.0, section 16.5)."""
    __tracebackhide__ = True
    if response.status < HTTPStatus.BAD_REQUEST:
        return
    what = leaks.found_in(response.text)
    if what:
        judging.fail(response, f"expected no {what} in an error")


def problem(response: Response) -> None:
    """A body of application/problem+json is a problem (RFC 9457, section 3.1): an object.

    Where it says a status, that is the answer's.
    """
    __tracebackhide__ = True
    if essence(response.headers.get("Content-Type", "")) != _PROBLEM or response.method == "HEAD":
        return
    try:
        value = response.json()
    except ValueError as error:
        judging.fail(response, f"expected a problem of RFC 9457 ({error})")
    if not isinstance(value, dict):
        judging.fail(response, "expected a problem of RFC 9457, which is an object")
    status = value.get("status", response.status)
    if isinstance(status, int) and status != response.status:
        judging.fail(response, f"expected the problem's status {status} to be the answer's")


def _media_type(response: Response, answer: DocumentedResponse) -> str:
    """The documented media type that the answer has."""
    __tracebackhide__ = True
    actual = essence(response.headers.get("Content-Type", ""))
    if not actual and not response.content:
        return next(iter(answer.media_types.values()))
    candidates = (actual, f"{actual.split('/', maxsplit=1)[0]}/*", "*/*")
    fitting = [name for name in candidates if name in answer.media_types]
    if not fitting:
        wanted = " or ".join(answer.media_types)
        judging.fail(
            response,
            f"expected Content-Type {wanted}, got {actual or 'none'}",
            where=answer.pointer,
        )
    return answer.media_types[fitting[0]]


def _json_fits(response: Response, answer: DocumentedResponse, key: str) -> None:
    __tracebackhide__ = True
    coding = response.headers.get("Content-Encoding", "identity").lower()
    try:
        value = response.json()
    except ValueError as error:
        if coding not in _CODINGS:
            pytest.skip(f"Needs a Python that can read the content coding {coding}: {response}.")
        judging.fail(response, f"expected a JSON body ({error})", where=answer.pointer)
    place = f"{answer.place}{pointers.of('content', key)}"
    complaints = response.operation.schemas.complaints(place, value)
    if complaints:
        judging.fail(
            response, "expected a body that fits its schema", *complaints, where=answer.pointer
        )
    _nothing_leaks(response, answer, place, value)


def _items_fit(response: Response, answer: DocumentedResponse, key: str, separator: str) -> None:
    """Each value of a stream fits what is documented of its items."""
    __tracebackhide__ = True
    place = f"{answer.place}{pointers.of('items', key)}"
    for number, text in enumerate(filter(str.strip, response.text.split(separator)), 1):
        try:
            complaints = response.operation.schemas.complaints(place, json.loads(text))
        except ValueError as error:
            complaints = [f"it is no JSON ({error})"]
        if complaints:
            wanted = f"expected item {number} to fit its schema"
            judging.fail(response, wanted, *complaints, where=answer.pointer)


def _nothing_leaks(response: Response, answer: DocumentedResponse, place: str, value: Json) -> None:
    """No password or key is in the body under a name that its schema does not list.

    An error may say under such a name what is wrong with one.
    """
    __tracebackhide__ = True
    if judging.is_client_error(response.status) or not exposure.is_suspect(response.content):
        return
    known = response.operation.schemas.listed(place)
    leaked = (
        [] if known is None else [each for each in exposure.secrets(value) if each not in known]
    )
    if leaked:
        names = " or ".join(dict.fromkeys(leaked))
        wanted = f"expected no property {names}, which no schema of this answer lists"
        judging.fail(response, wanted, where=answer.pointer)


def _header_fits(response: Response, answer: DocumentedResponse, name: str, text: str) -> None:
    """A header is text; it fits where the text, or what it spells, fits the schema."""
    __tracebackhide__ = True
    place = f"{answer.place}{pointers.of('headers', name, 'schema')}"
    schemas = response.operation.schemas
    parts = [part.strip() for part in text.split(",")]
    readings = [text, _spelled(text), parts, [_spelled(part) for part in parts]]
    if not any(schemas.accepts(place, reading) for reading in readings):
        complaints = schemas.complaints(place, text)
        judging.fail(
            response,
            f"expected a header {name} that fits its schema",
            *complaints,
            where=answer.pointer,
        )


def _spelled(text: str) -> object:
    """The JSON value a text spells, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")
