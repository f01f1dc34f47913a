"""The token of one identity in one run: asked for when it is needed, kept until it is over.

It is asked for as everything else is: where an address must not be asked, no credentials go there.
Nothing is redirected. What the authorization server has refused for good is not asked again in the
run, since some lock a user out who is wrong too often.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from app.domain.grants import Grant
from app.domain.network import NetworkPolicy
from app.domain.redaction import Redactor
from worker.gateway import rules, tokens
from worker.gateway.passage import Passage
from worker.gateway.rules import Origin, RefusedError
from worker.gateway.tokens import Token, TokenError
from worker.gateway.upstream import Timeouts, Upstream, UpstreamError
from worker.gateway.wire import Answer, Request


@dataclass(slots=True)
class Session:
    """Gives the token; lives on the hub's loop."""

    #: Of the identity.
    name: str
    grant: Grant
    network: NetworkPolicy
    tls: ssl.SSLContext
    timeouts: Timeouts
    clock: Callable[[], float]
    _token: Token | None = None
    #: Whether the target has once answered well to the token.
    _is_proven: bool = False
    _refusal: TokenError | None = None
    #: Where tokens come from, once that is known.
    _place: str = ""
    _passages: dict[Origin, Passage] = field(default_factory=dict)
    #: Several cases that want a token ask for one.
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def token(self) -> str:
        """The token; raises TokenError, which says what, where and what to do."""
        async with self._turn:
            if self._refusal is not None:
                raise self._refusal.again()
            if self._token is None or self._is_due(self._token):
                self._token, self._is_proven = await self._new(), False
            return self._token.text

    def proven(self, text: str) -> None:
        """The target has answered well to this token."""
        self._is_proven = self._is_proven or self._is_current(text)

    def is_over(self, text: str) -> bool:
        """Whether a 401 to this token says that it is valid no more: then there is another one.

        One that was never good for anything is as good as a new one would be.
        """
        if self._is_current(text) and self._is_proven:
            self._token = None
        return not self._is_current(text)

    def _is_current(self, text: str) -> bool:
        return self._token is not None and self._token.text == text

    def _is_due(self, token: Token) -> bool:
        return token.due is not None and token.due <= self.clock()

    async def _new(self) -> Token:
        try:
            async with asyncio.timeout(self.timeouts.token):
                return await self._granted()
        except TimeoutError as error:
            where = self._place or self.grant.token_url or self.grant.discovery_url
            limit = f"{self.timeouts.token:g} seconds"
            raise self._told(_unreached(where, f"not within {limit}")) from error
        except TokenError as error:
            told = self._told(error)
            self._refusal = told if told.is_final else None
            raise told from error

    async def _granted(self) -> Token:
        self._place = self._place or self.grant.token_url or await self._discovered()
        asked_at = self.clock()
        answer = await self._send(self._place, tokens.question(self.grant, self._place))
        return tokens.granted(self._place, answer, asked_at)

    async def _discovered(self) -> str:
        if not self.grant.discovery_url:
            hint = "Add token_url=… or discovery_url=… to its OAuth2."
            raise TokenError("Nobody says where it comes from.", where=self.name, hint=hint)
        url, request = tokens.configuration(self.grant)
        return tokens.endpoint(url, await self._send(url, request))

    async def _send(self, url: str, request: Request) -> Answer:
        origin = rules.target_origin(url)
        passage = self._passages.get(origin) or Passage(origin, self.network, 0, self.clock)
        self._passages[origin] = passage
        upstream = Upstream(origin, passage, self.tls, self.timeouts, self.clock)
        with contextlib.closing(upstream):
            try:
                return (await upstream.send(request)).answer
            except (RefusedError, UpstreamError) as error:
                raise _unreached(url, str(error)) from error

    def _told(self, error: TokenError) -> TokenError:
        """The error as it may be shown, with the identity that has no token."""
        redactor = Redactor.of(secrets=self.grant.secrets)
        return TokenError(
            redactor.text(f"There is no token for {self.name}. {error.detail}"),
            where=redactor.url(error.where),
            hint=error.hint,
            is_final=error.is_final,
        )


def _unreached(url: str, why: str) -> TokenError:
    hint = "Is token_url= or discovery_url= right, and may that host be asked?"
    return TokenError(f"No answer came: {why}.", where=url, hint=hint)
