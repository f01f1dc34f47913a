"""Expectations on an answer, held against the API description and HTTP's own rules.

Each raises AssertionError saying what was expected, what came, and where it is documented. What the
answer leaves open for want of an input (credentials, an existing id) is skipped with the input's
name: a red check is always the API's fault.
"""

from __future__ import annotations

import json
import warnings
from http import HTTPStatus
from typing import NoReturn

import pytest

from testops import exposure, leaks, pointers
from testops.client import Response, named
from testops.contract import DocumentedResponse, essence
from testops.json_values import Json

#: What a body is cut to in a message.
_EXCERPT_LENGTH = 300
#: Statuses that carry no body (RFC 9110, sections 15.2, 15.3.5, 15.3.6 and 15.4.5).
_BODILESS = frozenset({204, 205, 304})
#: Answers that say who may ask or how often, nothing about the operation (RFC 9110, RFC 6585).
_ACCESS = {
    401: "credentials",
    402: "an account that is paid for",
    403: "credentials that may do this",
    407: "credentials of the proxy",
    429: "a higher rate limit",
    451: "a place where this is lawful",
}
#: Answers that speak of the target's state at this moment (RFC 9110, RFC 4918).
_STATE = {409: "no conflict", 412: "a precondition that holds", 423: "no lock"}
#: These deny what is documented, whatever the inputs: the method, the media type sent.
_DENIALS = frozenset({405, 415})
#: A media type can be refused fairly only where none is documented that could be asked for.
_NOT_ACCEPTABLE = 406
_UNASKED = {_NOT_ACCEPTABLE: "a media type to ask for"}
_GONE = frozenset({404, 410})
_SUCCESS = range(200, 300)
_WITHOUT_HEAD = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
)
_PROBLEM = "application/problem+json"
_CODINGS = frozenset({"identity", "gzip", "x-gzip", "deflate"})


def documented(response: Response) -> None:
    """The answer is as documented: status, content type, headers, and body against its schema.

    A server error is never right. A client error that is not documented is let pass here: a
    description need not list every error (OpenAPI, section "Responses Object").
    """
    __tracebackhide__ = True
    operation = response.operation
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _fail(response, f"expected no server error, but {_statuses(response)}", operation.pointer)
    answer = operation.response_to(response.status)
    if answer is not None:
        headers(response, answer)
        body(response, answer)
    elif operation.statuses and not _is_client_error(response.status):
        _fail(response, f"expected a documented status: {_statuses(response)}", operation.pointer)
    safe_error(response)
    problem(response)


def success(response: Response, *statuses: int, needs: str = "") -> None:
    """The status is one of `statuses`, or any 2xx where none is given.

    Skips where access or the target's state stands in the way. `needs` names an input that the
    description does not give and that was made up: then a refusal is no failure either, unless it
    denies what is documented: the method (405) or a media type (406, 415).
    """
    __tracebackhide__ = True
    status = response.status
    if status in statuses or (not statuses and status // 100 == 2):  # noqa: PLR2004 - 2xx
        return
    missing = _ACCESS.get(status) or _STATE.get(status) or _UNASKED.get(status)
    if _is_open(response):
        missing = needs or missing
        if missing:
            pytest.skip(f"Needs {missing}: {response}.")
    wanted = " or ".join(named(each) for each in statuses) or "a success (2xx)"
    _fail(response, f"expected {wanted}", response.operation.pointer)


def refused(response: Response, needs: str = "") -> None:
    """The request is refused as the client's fault (4xx).

    Skips where the refusal has another reason than the one under test: access, or an unknown
    resource where `needs` names one that was made up.
    """
    __tracebackhide__ = True
    status = response.status
    missing = _ACCESS.get(status) or (needs if status in _GONE else "")
    if missing:
        pytest.skip(f"Needs {missing}: {response}.")
    if not _is_client_error(status):
        _fail(response, "expected a refusal (4xx)", response.operation.pointer)
    safe_error(response)


def not_found(response: Response) -> None:
    """The resource is not found: 404, or 410 (RFC 9110, sections 15.5.5 and 15.5.11).

    Skips where access, the form of the id or another input was refused first.
    """
    __tracebackhide__ = True
    status = response.status
    if status in _GONE:
        return
    if _is_open(response):
        pytest.skip(
            f"Needs {_ACCESS.get(status, 'inputs that are looked at after the id')}: {response}."
        )
    _fail(response, "expected 404 Not Found", response.operation.pointer)


def denied(response: Response, *statuses: int) -> None:
    """Who asks may not: the status is one of `statuses`.

    Skips where the refusal has another reason than who asks. A 401 that names no way to prove it
    (RFC 9110, section 11.6.1) is warned of, since so many APIs leave that out.
    """
    __tracebackhide__ = True
    status = response.status
    if status == HTTPStatus.UNAUTHORIZED and "WWW-Authenticate" not in response.headers:
        text = f"{response.operation.key}: 401 without WWW-Authenticate (RFC 9110, section 11.6.1)"
        warnings.warn(text, stacklevel=2)
    if status in statuses:
        return
    if _is_open(response) and status != HTTPStatus.FORBIDDEN:
        missing = _ACCESS.get(status, "inputs that are looked at after who asks")
        pytest.skip(f"Needs {missing}: {response}.")
    wanted = " or ".join(named(each) for each in statuses)
    _fail(response, f"expected {wanted}", response.operation.pointer)


def lacks(response: Response, pointer: str, name: str, value: Json) -> None:
    """No item of the list at a JSON pointer in a successful answer has this value in a property.

    Skips where the list cannot be read.
    """
    __tracebackhide__ = True
    success(response, needs="a list that can be read")
    try:
        items = pointers.value_at(response.json(), pointer)
    except (ValueError, LookupError):
        pytest.skip(f"Needs a list at {pointer or 'the top'}: {response}.")
    if any(isinstance(item, dict) and item.get(name) == value for item in items):
        wanted = f"expected no item whose {name} is {value!r}"
        _fail(response, wanted, response.operation.pointer)


def not_allowed(response: Response) -> None:
    """A method that is not documented is not allowed: 405, with the methods that are in Allow.

    RFC 9110, section 15.5.6. A server that knows no such resource (404, 410) or no such method
    (501) is let pass. Skips where access, or the request for what is in it, was refused first.
    """
    __tracebackhide__ = True
    status = response.status
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        _allows(response, response.headers.get("Allow"))
    elif _is_client_error(status) and status not in _GONE:
        missing = _ACCESS.get(status, "a request that is refused for its method")
        pytest.skip(f"Needs {missing}: {response}.")
    elif status not in _GONE and status != HTTPStatus.NOT_IMPLEMENTED:
        _fail(response, "expected 405 Method Not Allowed", response.operation.pointer)
    safe_error(response)


def options(response: Response) -> None:
    """OPTIONS breaks nothing, and Allow, where it is there, lists the documented method.

    RFC 9110, section 9.3.7. A server need not know OPTIONS (405, 501).
    """
    __tracebackhide__ = True
    status = response.status
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED:
        _fail(response, "expected no server error", response.operation.pointer)
    if status in _SUCCESS and "Allow" in response.headers:
        _allows(response, response.headers["Allow"])


def like_get(response: Response, got: Response) -> None:
    """HEAD is answered with the status of GET and without a body (RFC 9110, section 9.3.2).

    Skips where the server does not know HEAD, or where GET does not succeed.
    """
    __tracebackhide__ = True
    if response.status in _WITHOUT_HEAD:
        pytest.skip(f"Needs a server that answers HEAD: {response}.")
    if got.status not in _SUCCESS:
        pytest.skip(f"Needs a GET that succeeds: {got}.")
    if response.status != got.status:
        _fail(response, f"expected {named(got.status)}, as of GET", response.operation.pointer)


def _allows(response: Response, allow: str | None) -> None:
    """Allow is there and lists the operation's own method."""
    __tracebackhide__ = True
    where = response.operation.pointer
    if allow is None:
        _fail(response, "expected the header Allow (RFC 9110, section 15.5.6)", where)
    method = response.operation.key.partition(" ")[0]
    if method not in {each.strip().upper() for each in allow.split(",")}:
        _fail(response, f"expected {method} in the header Allow, which is '{allow}'", where)


def safe_error(response: Response) -> None:
    """An error's body gives away no stack trace and no secret (OWASP ASVS 5.0, section 16.5)."""
    __tracebackhide__ = True
    if response.status < HTTPStatus.BAD_REQUEST:
        return
    what = leaks.found_in(response.text)
    if what:
        _fail(response, f"expected no {what} in an error", response.operation.pointer)


def problem(response: Response) -> None:
    """A body of application/problem+json is a problem (RFC 9457, section 3.1): an object.

    Where it says a status, that is the answer's.
    """
    __tracebackhide__ = True
    if essence(response.headers.get("Content-Type", "")) != _PROBLEM or response.method == "HEAD":
        return
    where = response.operation.pointer
    try:
        value = response.json()
    except ValueError as error:
        _fail(response, f"expected a problem of RFC 9457 ({error})", where)
    if not isinstance(value, dict):
        _fail(response, "expected a problem of RFC 9457, which is an object", where)
    status = value.get("status", response.status)
    if isinstance(status, int) and status != response.status:
        _fail(response, f"expected the problem's status {status} to be the answer's", where)


def broken(response: Response, expectation: str, *complaints: str) -> NoReturn:
    """Fail: the answer breaks an expectation that the caller has decided on."""
    __tracebackhide__ = True
    _fail(response, expectation, response.operation.pointer, *complaints)


def headers(response: Response, answer: DocumentedResponse) -> None:
    """Required headers are there, and documented ones fit their schemas."""
    __tracebackhide__ = True
    for name, required in answer.headers.items():
        text = response.headers.get(name)
        if text is None and required:
            _fail(response, f"expected the header {name}", answer.pointer)
        if text is not None:
            _header_fits(response, answer, name, text)


def body(response: Response, answer: DocumentedResponse) -> None:
    """The body has a documented content type and, where it is JSON, fits the schema."""
    __tracebackhide__ = True
    if not answer.media_types or response.method == "HEAD" or response.status in _BODILESS:
        return
    key = _media_type(response, answer)
    if _is_json(essence(response.headers.get("Content-Type", key))):
        _json_fits(response, answer, key)


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
        _fail(response, f"expected Content-Type {wanted}, got {actual or 'none'}", answer.pointer)
    return answer.media_types[fitting[0]]


def _json_fits(response: Response, answer: DocumentedResponse, key: str) -> None:
    __tracebackhide__ = True
    coding = response.headers.get("Content-Encoding", "identity").lower()
    try:
        value = response.json()
    except ValueError as error:
        if coding not in _CODINGS:
            pytest.skip(f"Needs a Python that can read the content coding {coding}: {response}.")
        _fail(response, f"expected a JSON body ({error})", answer.pointer)
    place = f"{answer.place}{pointers.of('content', key)}"
    complaints = response.operation.schemas.complaints(place, value)
    if complaints:
        _fail(response, "expected a body that fits its schema", answer.pointer, *complaints)
    _nothing_leaks(response, answer, place, value)


def _nothing_leaks(response: Response, answer: DocumentedResponse, place: str, value: Json) -> None:
    """No password or key is in the body under a name that its schema does not list.

    An error may say under such a name what is wrong with one.
    """
    __tracebackhide__ = True
    if _is_client_error(response.status) or not exposure.is_suspect(response.content):
        return
    known = response.operation.schemas.listed(place)
    leaked = (
        [] if known is None else [each for each in exposure.secrets(value) if each not in known]
    )
    if leaked:
        names = " or ".join(dict.fromkeys(leaked))
        wanted = f"expected no property {names}, which no schema of this answer lists"
        _fail(response, wanted, answer.pointer)


def _header_fits(response: Response, answer: DocumentedResponse, name: str, text: str) -> None:
    """A header is text; it fits where the text, or what it spells, fits the schema."""
    __tracebackhide__ = True
    place = f"{answer.place}{pointers.of('headers', name, 'schema')}"
    schemas = response.operation.schemas
    parts = [part.strip() for part in text.split(",")]
    readings = [text, _spelled(text), parts, [_spelled(part) for part in parts]]
    if not any(schemas.accepts(place, reading) for reading in readings):
        complaints = schemas.complaints(place, text)
        _fail(
            response, f"expected a header {name} that fits its schema", answer.pointer, *complaints
        )


def _spelled(text: str) -> object:
    """The JSON value a text spells, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


def _is_client_error(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def _is_open(response: Response) -> bool:
    """Whether a client error leaves open who is right: it denies nothing that is documented."""
    asked_in_vain = response.status == _NOT_ACCEPTABLE and response.operation.media_types()
    is_denial = response.status in _DENIALS or asked_in_vain
    return _is_client_error(response.status) and not is_denial


def _statuses(response: Response) -> str:
    return ", ".join(response.operation.statuses) or "none"


def _fail(response: Response, expectation: str, where: str, *complaints: str) -> NoReturn:
    __tracebackhide__ = True
    lines = [f"{response}: {expectation}.", *complaints, f"Documented at {where}"]
    location = response.headers.get("Location")
    if location:
        lines.append(f"Location: {location}")
    lines.append(f"Body: {_excerpt(response)}")
    raise AssertionError("\n".join(lines))


def _excerpt(response: Response) -> str:
    text = " ".join(response.text.split())
    if len(text) <= _EXCERPT_LENGTH:
        return text or "empty"
    return f"{text[:_EXCERPT_LENGTH]}… ({len(response.content)} bytes)"
