"""Whether an operation asks who is asking, and credentials of the right form that nobody has."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.ai.requests import Request
from app.openapi.model import ApiDescription, Operation, SecurityScheme

#: What carries a bearer token (RFC 6750), or says nothing else.
_BEARER = frozenset({"oauth2", "openIdConnect"})
#: {"alg": "HS256"} and {"exp": 1}, as a JWT has them (RFC 7519): over since 1970, signed by nobody.
_EXPIRED = f"eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.{'A' * 43}"
#: The end of a path where one proves who asks with what is sent, or has nothing to prove it yet.
_SIGNING_IN = re.compile(
    r"(?i)/(?:log-?_?in|sign-?_?(?:in|up)|authenticate|register|registration"
    r"|(?:oauth2?|auth|connect)/token|(?:forgot|reset)-?_?password)/?$"
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a request carries to prove who asks."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    def of(self, request: Request) -> Request:
        """The request with this proof and no other."""
        return replace(
            request,
            headers={**request.headers, **self.headers},
            query={**request.query, **self.query},
            cookies={**request.cookies, **self.cookies},
            anonymous=True,
        )


def are_asked_for(operation: Operation, description: ApiDescription) -> bool:
    """Whether every request has to prove who asks, in a way that a request can leave out.

    Not so where proof is optional (an alternative that asks for none), where a scheme is not
    documented, where the connection proves it (mutualTLS), and where one signs in: a description
    that asks for proof everywhere often forgets that this is where it comes from.
    """
    known = description.security_schemes
    if operation.method == "POST" and _SIGNING_IN.search(operation.path):
        return False
    return bool(operation.security) and all(
        alternative
        and all(name in known and known[name].kind != "mutualTLS" for name in alternative)
        for alternative in operation.security
    )


def unknown(
    operation: Operation, description: ApiDescription, text: str
) -> Iterator[tuple[str, Proof]]:
    """For each alternative the names of its schemes, and credentials that nobody has.

    `text` is what stands where a secret would. What has no known form is left out.
    """
    for alternative in operation.security:
        names = sorted(alternative)
        parts = [_part(description.security_schemes[name], text) for name in names]
        places = [place for part in parts for place in part]
        # Two schemes in one place could not both be told apart from one that is missing.
        if all(parts) and len(set(places)) == len(places):
            yield " and ".join(names), _proof({key: each[key] for each in parts for key in each})


def malformed(operation: Operation, description: ApiDescription, text: str) -> Proof | None:
    """What begins as credentials do and has not their form; None where there is no such form.

    A scheme without a token (RFC 6750, section 2.1), or with one that is no pair in Base64
    (RFC 7617, section 2).
    """
    for alternative in operation.security:
        schemes = [description.security_schemes[name] for name in alternative]
        if len(schemes) == 1 and (kind := _header_scheme(schemes[0])):
            return Proof({"Authorization": f"Basic {text}" if kind == "Basic" else kind})
    return None


def _header_scheme(scheme: SecurityScheme) -> str:
    """The word with which Authorization begins; empty for what is proved in another way."""
    if scheme.kind in _BEARER or scheme.scheme == "bearer":
        return "Bearer"
    return "Basic" if scheme.scheme == "basic" else ""


#: Location and name → what stands there.
_Places = Mapping[tuple[str, str], str]


def _proof(places: _Places) -> Proof:
    def located(location: str) -> dict[str, str]:
        return {name: text for (where, name), text in places.items() if where == location}

    return Proof(located("header"), located("query"), located("cookie"))


def _part(scheme: SecurityScheme, text: str) -> _Places:
    """What one scheme wants sent; nothing where its form is not known."""
    if scheme.kind == "apiKey":
        return {(scheme.location, scheme.parameter): text}
    kind = _header_scheme(scheme)
    if kind == "Basic":
        text = base64.b64encode(f"{text}:{text}".encode()).decode()
    elif scheme.bearer_format.upper() == "JWT":
        text = _EXPIRED
    return {("header", "Authorization"): f"{kind} {text}"} if kind else {}
