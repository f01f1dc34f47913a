"""The messages by which a token is got: what is asked, and what the answers say. Pure.

OAuth 2 (RFC 6749): the grants of client credentials (section 4.4) and of a user's password (section
4.3), for bearer tokens (RFC 6750). OpenID Connect Discovery 1.0, section 4, says where they come
from; that the issuer named there is the one asked (section 4.3) is not demanded, since nothing that
it has signed is believed here.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeGuard
from urllib.parse import quote_plus, urlencode, urlsplit

from app.domain import grants
from app.domain.grants import ClientAuth, Grant, Kind
from app.errors import TargetError
from testops.json_values import Json
from worker.gateway import recording, rules
from worker.gateway.rules import Headers
from worker.gateway.upstream import UpstreamError
from worker.gateway.wire import Answer, Request

_WELL_KNOWN = "/.well-known/"
_CONFIGURATION = f"{_WELL_KNOWN}openid-configuration"
#: Read of an answer, in bytes.
_ANSWER_BYTES = 256 * 1024
#: Shown of what an authorization server says, in characters.
_SAID = 300
#: What can stand in a header: visible ASCII, which all tokens are (RFC 6749, appendix A.12).
_TOKEN = re.compile(r"[\x21-\x7e]{1,16000}")
#: Of a token's life this much is used: a request on its way must not find it over.
_USED = 0.9
#: Another time these may be answered otherwise; what else is below 500 is the server's last word.
_FOR_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

#: The codes of RFC 6749, section 5.2, and what to do about each.
_HINTS = {
    "invalid_request": "It may want more: scope=…, audience=… or client_auth=post.",
    "invalid_client": "Check client_id= and client_secret=, or give client_auth=post.",
    "invalid_grant": "Check username= and password=.",
    "unauthorized_client": "Allow this client the grant at the authorization server.",
    "unsupported_grant_type": "Allow the grant there, or give a token as Authorization header.",
    "invalid_scope": "Check scope=….",
}
_ELSEWHERE = "Check token_url= or discovery_url=."


class TokenError(TargetError, UpstreamError):
    """There is no token for an identity; `is_final` where asking again would change nothing."""

    def __init__(self, detail: str, *, where: str, hint: str, is_final: bool = False) -> None:
        super().__init__(detail, where=where, hint=hint)
        self.is_final = is_final

    def again(self) -> TokenError:
        """The same error, to be raised where it is met again."""
        return TokenError(self.detail, where=self.where, hint=self.hint, is_final=self.is_final)


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token."""

    text: str
    #: When it is to be replaced, by the clock it was read with; None where that is not known.
    due: float | None


def question(grant: Grant, url: str) -> Request:
    """What asks for a token; the client says who it is as the grant wants it."""
    form = {
        "grant_type": grant.kind,
        **_given(scope=grant.scope, audience=grant.audience, resource=grant.resource),
    }
    if grant.kind is Kind.PASSWORD:
        form |= {"username": grant.username, "password": grant.password}
    proof: Headers = ()
    if grant.client_secret and grant.client_auth == ClientAuth.BASIC:
        proof = (("Authorization", _basic(grant)),)
    else:
        form |= _given(client_id=grant.client_id, client_secret=grant.client_secret)
    body = urlencode(form).encode()
    kind = ("Content-Type", "application/x-www-form-urlencoded")
    return _request("POST", url, (kind, ("Content-Length", str(len(body))), *proof), body)


def configuration(grant: Grant) -> tuple[str, Request]:
    """Where the configuration of an OpenID provider is, and what asks for it.

    An issuer's own address will do too.
    """
    url = grant.discovery_url
    if _WELL_KNOWN not in urlsplit(url).path:
        url = url.rstrip("/") + _CONFIGURATION
    return url, _request("GET", url, (), b"")


def endpoint(url: str, answer: Answer) -> str:
    """Where tokens come from, by a provider's configuration; raises TokenError."""
    place = _object(answer).get("token_endpoint")
    if answer.status == HTTPStatus.OK and isinstance(place, str) and grants.is_address(place):
        return place
    raise TokenError(
        f"The OpenID provider did not tell where tokens come from: it answered {answer.status}"
        " without a usable token_endpoint.",
        where=url,
        hint="Check discovery_url=, or give token_url=.",
        is_final=_is_final(answer),
    )


def granted(url: str, answer: Answer, now: float) -> Token:
    """The token that was given; raises TokenError, whose text may repeat what was asked with."""
    body = _object(answer)
    text, kind = body.get("access_token"), body.get("token_type", "bearer")
    # What kind it is has to be said (section 5.1); not all do.
    is_bearer = isinstance(kind, str) and kind.lower() == "bearer"
    if answer.status < HTTPStatus.MULTIPLE_CHOICES and is_bearer and _is_token(text):
        return Token(text, _due(body.get("expires_in"), now))
    code, words = body.get("error"), body.get("error_description")
    said = ": ".join(_printable(each) for each in (code, words) if isinstance(each, str) and each)
    raise TokenError(
        f"The authorization server gave no bearer token: {said or f'it answered {answer.status}'}.",
        where=url,
        hint=_HINTS.get(code, _ELSEWHERE) if isinstance(code, str) else _ELSEWHERE,
        is_final=_is_final(answer),
    )


def _request(method: str, url: str, headers: Headers, body: bytes) -> Request:
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    host = str(rules.target_origin(url)).partition("://")[2]
    common: Headers = (("Host", host), ("Accept", "application/json"), ("Connection", "close"))
    return Request(method, (parts.path or "/") + query, common + headers, body)


def _basic(grant: Grant) -> str:
    """Both are encoded as a form is before they are joined (RFC 6749, section 2.3.1)."""
    pair = f"{quote_plus(grant.client_id)}:{quote_plus(grant.client_secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _given(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _object(answer: Answer) -> Mapping[str, Json]:
    """The JSON object that an answer holds; empty where it holds none."""
    text = recording.decoded(answer.headers, answer.body, _ANSWER_BYTES)
    try:
        value = json.loads(text) if len(text) <= _ANSWER_BYTES else None
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_token(value: Json) -> TypeGuard[str]:
    return isinstance(value, str) and bool(_TOKEN.fullmatch(value))


def _due(seconds: Json, now: float) -> float | None:
    """`expires_in` (section 5.1) as a moment; some write the number as a text."""
    try:
        life = float(seconds) if isinstance(seconds, int | float | str) else math.inf
    except ValueError:
        return None
    return now + _USED * life if 0 < life < math.inf else None


def _is_final(answer: Answer) -> bool:
    return answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status not in _FOR_NOW


def _printable(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text[:_SAID]).split())
