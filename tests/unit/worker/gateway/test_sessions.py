"""Tokens of identities, from an authorization server on loopback into the requests of a gateway."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app.domain.grants import ClientAuth, Grant
from app.domain.network import NetworkPolicy
from app.domain.redaction import MASK, Redactor
from tests.fakes.authorization_server import (
    CLIENT,
    CLIENT_SECRET,
    PASSWORD,
    USER,
    AuthorizationServer,
)
from worker.gateway.bearing import Bearers
from worker.gateway.creations import Creations
from worker.gateway.gateway import Gateway
from worker.gateway.passage import Passage
from worker.gateway.placeholders import Placeholders
from worker.gateway.recording import Recorder
from worker.gateway.rules import Origin
from worker.gateway.sessions import Session
from worker.gateway.tokens import TokenError
from worker.gateway.upstream import Timeouts
from worker.gateway.wire import Answer, Request

LOOPBACK = NetworkPolicy(("127.0.0.1",))
TIMEOUTS = Timeouts(20, 20)


@pytest.fixture
def server() -> Iterator[AuthorizationServer]:
    with AuthorizationServer() as started:
        yield started


def grant(server: AuthorizationServer, place: str = "token_url", **more: str) -> Grant:
    where = {"token_url": f"{server.url}/token", "discovery_url": server.url}[place]
    client = {"client_id": CLIENT, "client_secret": CLIENT_SECRET, place: where}
    return Grant(**{**client, **more})


def session(
    asked_with: Grant,
    network: NetworkPolicy = LOOPBACK,
    clock: Callable[[], float] = time.monotonic,
    timeouts: Timeouts = TIMEOUTS,
) -> Session:
    return Session("mira", asked_with, network, ssl.create_default_context(), timeouts, clock)


def tokens(one: Session, times: int = 1) -> list[str]:
    async def ask() -> list[str]:
        return await asyncio.gather(*(one.token() for _ in range(times)))

    return asyncio.run(ask())


def failure(one: Session) -> TokenError:
    with pytest.raises(TokenError) as caught:
        tokens(one)
    assert str(caught.value).startswith("There is no token for mira. ")
    return caught.value


def test_a_token_is_got_once_for_all_who_want_it(server: AuthorizationServer) -> None:
    found = tokens(session(grant(server)), 3)
    assert found == [*server.tokens] * 3
    assert len(server.forms) == 1


def test_openid_connect_leads_to_the_token(server: AuthorizationServer) -> None:
    user = {"username": USER, "password": PASSWORD, "scope": "openid"}
    (found,) = tokens(session(grant(server, "discovery_url", **user)))
    assert server.tokens[found] == USER
    assert server.forms[0]["scope"] == "openid"
    assert server.asked == ["GET /.well-known/openid-configuration", "POST /token"]


def test_a_client_may_prove_itself_in_the_form(server: AuthorizationServer) -> None:
    posted = grant(server, token_url=f"{server.url}/posted", client_auth=ClientAuth.POST)
    assert tokens(session(posted)) == [*server.tokens]


def test_a_token_that_is_over_is_replaced(server: AuthorizationServer) -> None:
    """Before its last tenth, so that no request finds it over."""
    server.expires_in = 100
    now = [0.0]
    one = session(grant(server), clock=lambda: now[0])
    first, second = [], []
    for moment in (0.0, 89.0):
        now[0] = moment
        first += tokens(one)
    now[0] = 90.0
    second += tokens(one)
    assert first == [first[0]] * 2
    assert second != first[:1]


def test_what_is_refused_is_told_without_secrets_and_not_asked_again(
    server: AuthorizationServer,
) -> None:
    """The second time might lock the user out."""
    one = session(grant(server, username=USER, password="wrong-pässword"))
    error = failure(one)
    assert "invalid_grant: Wrong password [redacted]." in error.detail
    assert error.where == f"{server.url}/token"
    assert str(failure(one)) == str(error)
    assert len(server.forms) == 1


def test_a_host_that_must_not_be_asked_gets_no_credentials(server: AuthorizationServer) -> None:
    error = failure(session(grant(server), NetworkPolicy()))
    assert "the address 127.0.0.1 of 127.0.0.1 must not be asked" in error.detail
    assert server.asked == []


def test_a_provider_that_cannot_be_reached_may_be_later(server: AuthorizationServer) -> None:
    one = session(grant(server, token_url="http://127.0.0.1:1/token"))
    error = failure(one)
    assert "cannot be reached" in error.detail
    assert not error.is_final
    one.grant = grant(server)
    one._place = ""
    assert tokens(one) == [*server.tokens]


def test_a_token_takes_only_so_long(server: AuthorizationServer) -> None:
    error = failure(session(grant(server), timeouts=replace(TIMEOUTS, token=0)))
    assert "No answer came: not within 0 seconds" in error.detail
    assert error.where == f"{server.url}/token"


def test_somebody_has_to_say_where_tokens_come_from(server: AuthorizationServer) -> None:
    error = failure(session(grant(server, token_url="")))
    assert "Nobody says where it comes from" in error.detail
    assert "Add token_url=" in error.hint


def gateway(server: AuthorizationServer, one: Session) -> Gateway:
    target = Origin.of(server.url)
    assert target is not None
    redactor = Redactor.of(secrets=one.grant.secrets)
    users = {"mira": {"oauth2": "…", "X-Tenant": "t"}, "tom": {"Authorization": "Bearer tom"}}
    return Gateway(
        target=target,
        headers={},
        placeholders=Placeholders.of({}, {}, salt=""),
        redactor=redactor,
        recorder=Recorder(str(target), redactor, 10_000, time.monotonic),
        passage=Passage(target, LOOPBACK, 0, time.monotonic),
        tls=one.tls,
        timeouts=TIMEOUTS,
        clock=time.monotonic,
        bearers=Bearers.of(users, {"mira": one}, salt="r1"),
    )


def asked(of: Gateway, *paths: str, method: str = "GET", **headers: str) -> list[Answer]:
    async def ask() -> list[Answer]:
        upstream = of._upstream()
        given = (("Host", "a"), ("X-Testops-Target", str(of.target)), *headers.items())
        try:
            return [await of._answer(Request(method, path, given, b""), upstream) for path in paths]
        finally:
            upstream.close()

    return asyncio.run(ask())


def test_requests_carry_the_token_and_nobody_sees_it(server: AuthorizationServer) -> None:
    """Not the script, to which the API repeats it, and not who reads the record."""
    of = gateway(server, session(grant(server)))
    (answer,) = asked(of, "/me")
    (token,) = server.tokens
    assert json.loads(answer.body) == {"name": CLIENT, "token": MASK, "id": 7}
    taken = of.recorder.take()
    assert token not in repr(taken)
    assert dict(taken.exchanges[0].request.headers)["X-Tenant"] == "t"


def test_only_requests_that_want_a_token_get_it(server: AuthorizationServer) -> None:
    of = gateway(server, session(grant(server)))
    others = (
        {"X-Testops-Anonymous": "1"},
        {"X-Testops-Identity": "tom"},
        {"X-Testops-Withhold": "authorization"},
        {"Authorization": "Bearer own"},
    )
    assert [asked(of, "/me", **each)[0].status for each in others] == [401] * 4
    assert server.forms == []


def test_a_401_to_a_token_that_was_good_gets_another_one(server: AuthorizationServer) -> None:
    of = gateway(server, session(grant(server)))
    assert asked(of, "/me")[0].status == 200
    server.tokens.clear()
    assert asked(of, "/me")[0].status == 200
    assert len(server.forms) == 2
    # One exchange each: what the target did not carry out is no news.
    assert [fact.status for fact in of.recorder.take().facts] == [200, 200]


def test_a_401_is_the_answer_where_a_new_token_helps_no_more(server: AuthorizationServer) -> None:
    of = gateway(server, session(grant(server)))
    statuses = [
        each.status for each in asked(of, "/locked", "/locked", "/me", "/locked", "/locked")
    ]
    assert statuses == [401, 401, 200, 401, 401]
    # The first was never good; the second was, until the third 401.
    assert len(server.forms) == 2


def test_one_renews_the_token_for_all(server: AuthorizationServer) -> None:
    """Who meets the 401 later takes what is there by then."""
    one = session(grant(server))
    (old,) = tokens(one)
    one.proven(old)
    assert one.is_over(old)
    (new,) = tokens(one)
    assert one.is_over(old)
    one.proven(old)
    assert not one.is_over(new)
    assert len(server.forms) == 2


def test_what_is_left_behind_is_deleted_with_the_token_of_then(
    server: AuthorizationServer,
) -> None:
    contract = json.dumps({"operations": {"POST /books": {}, "DELETE /books/{id}": {}}})
    of = gateway(server, session(grant(server)))
    of.creations = Creations(contract, server.url)
    assert asked(of, "/books", method="POST")[0].status == 201
    server.tokens.clear()
    (deletion,) = asyncio.run(of.clean_up())
    assert (deletion.url, deletion.status) == (f"{server.url}/books/7", 204)
    assert len(server.forms) == 2


def test_a_request_without_a_token_is_not_sent(server: AuthorizationServer) -> None:
    of = gateway(server, session(grant(server, client_secret="s3cret")))
    (answer,) = asked(of, "/me")
    assert answer.status == 502
    assert b"There is no token for mira." in answer.body
    assert server.asked == ["POST /token"]
    (exchange,) = of.recorder.take().exchanges
    assert "invalid_client" in exchange.error
