"""Puts an identity's token into requests, where a mark stands for it, on the last of their way.

So a request on record holds no token, and what is asked again later carries the token of then. A
401 (RFC 6750, section 3.1) to a token that was good before says that it is over: the request, which
the target has not carried out then, is sent once more with a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from app.domain import grants
from testops.identities import Identities
from worker.gateway.sessions import Session
from worker.gateway.upstream import Received, Upstream
from worker.gateway.wire import Request

_HEADER = "authorization"


@dataclass(frozen=True, slots=True)
class Bearers:
    """The identities of a gateway, those of OAuth 2 with a mark in the token's place."""

    identities: Identities = field(default_factory=dict)
    #: Value of Authorization with the mark → whose token it wants.
    sessions: Mapping[str, Session] = field(default_factory=dict)

    @classmethod
    def of(cls, identities: Identities, sessions: Mapping[str, Session], salt: str) -> Bearers:
        """`sessions` are those of the identities that have a grant, by name."""
        marks = {name: _mark(name, salt) for name in sessions}
        return cls(
            {
                name: _marked(headers, marks[name]) if name in marks else headers
                for name, headers in identities.items()
            },
            {marks[name]: session for name, session in sessions.items()},
        )


@dataclass(frozen=True, slots=True)
class Bearing:
    """An upstream for requests that may want a token."""

    upstream: Upstream
    bearers: Bearers
    #: Told every token before the target is.
    learn: Callable[[str], None]

    async def send(self, request: Request) -> Received:
        """As `Upstream.send`; raises TokenError, an UpstreamError, where there is no token."""
        session = self._session(request)
        if session is None:
            return await self.upstream.send(request)
        text, received = await self._borne(request, session)
        if received.answer.status == HTTPStatus.UNAUTHORIZED and session.is_over(text):
            text, received = await self._borne(request, session)
        if received.answer.status < HTTPStatus.BAD_REQUEST:
            session.proven(text)
        return received

    def close(self) -> None:
        """Close the connection, if there is one."""
        self.upstream.close()

    def _session(self, request: Request) -> Session | None:
        found = (self.bearers.sessions.get(text) for name, text in request.headers if _is_it(name))
        return next(filter(None, found), None)

    async def _borne(self, request: Request, session: Session) -> tuple[str, Received]:
        text = await session.token()
        self.learn(text)
        headers = tuple(
            (name, f"Bearer {text}" if self.bearers.sessions.get(value) is session else value)
            for name, value in request.headers
        )
        return text, await self.upstream.send(replace(request, headers=headers))


def _is_it(name: str) -> bool:
    return name.lower() == _HEADER


def _marked(headers: Mapping[str, str], mark: str) -> dict[str, str]:
    others = {name: value for name, value in headers.items() if not grants.is_grant(name)}
    return {"Authorization": mark, **others}


def _mark(name: str, salt: str) -> str:
    digest = hashlib.sha256(f"{salt}\0{name}".encode()).hexdigest()
    return f"Bearer testopsToken{digest[:24]}"
