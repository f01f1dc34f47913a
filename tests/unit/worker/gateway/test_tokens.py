"""What is asked for a token, and what is made of the answers."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl

import pytest

from app.domain.grants import Grant
from app.errors import TargetError
from worker.gateway import tokens
from worker.gateway.tokens import Token, TokenError
from worker.gateway.upstream import UpstreamError
from worker.gateway.wire import Answer, Request

URL = "https://id.test:8443/token?realm=x"
CLIENT = Grant(client_id="a:b", client_secret="s ü", scope="read write")


def answer(status: int, body: object) -> Answer:
    return Answer(status, b"", (), json.dumps(body).encode())


def form(request: Request) -> dict[str, str]:
    assert dict(request.headers)["Content-Length"] == str(len(request.body))
    return dict(parse_qsl(request.body.decode(), strict_parsing=True))


def test_a_client_proves_itself_in_the_header_unless_it_is_to_do_so_in_the_form() -> None:
    asked = tokens.question(CLIENT, URL)
    assert (asked.method, asked.path) == ("POST", "/token?realm=x")
    headers = dict(asked.headers)
    assert headers["Host"] == "id.test:8443"
    pair = base64.b64decode(headers["Authorization"].removeprefix("Basic "))
    assert pair == b"a%3Ab:s+%C3%BC"
    assert form(asked) == {"grant_type": "client_credentials", "scope": "read write"}

    posted = tokens.question(
        Grant(client_id="a", client_secret="b", client_auth="post", audience="x", resource="y"), URL
    )
    assert "Authorization" not in dict(posted.headers)
    assert form(posted) == {
        "grant_type": "client_credentials",
        "client_id": "a",
        "client_secret": "b",
        "audience": "x",
        "resource": "y",
    }


def test_a_user_signs_in_through_a_client_that_may_have_no_secret() -> None:
    alone = tokens.question(Grant(username="m", password="p&q"), URL)
    assert form(alone) == {"grant_type": "password", "username": "m", "password": "p&q"}
    public = tokens.question(Grant(client_id="app", username="m", password="p"), URL)
    assert "Authorization" not in dict(public.headers)
    assert form(public)["client_id"] == "app"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("https://id.test", "/.well-known/openid-configuration"),
        ("https://id.test/realm/", "/realm/.well-known/openid-configuration"),
        ("https://id.test/.well-known/openid-configuration", "/.well-known/openid-configuration"),
        ("https://id.test/.well-known/other", "/.well-known/other"),
    ],
)
def test_a_configuration_is_where_the_standard_puts_it(given: str, asked: str) -> None:
    url, request = tokens.configuration(Grant(discovery_url=given))
    assert (request.method, request.path) == ("GET", asked)
    assert url == f"https://id.test{asked}"


def test_a_configuration_names_the_endpoint() -> None:
    assert tokens.endpoint(URL, answer(200, {"token_endpoint": "https://id.test/t"})) == (
        "https://id.test/t"
    )


@pytest.mark.parametrize(
    ("told", "is_final"),
    [
        (answer(404, {"token_endpoint": "https://id.test/t"}), True),
        (answer(200, {"token_endpoint": "/t"}), True),
        (answer(200, {"token_endpoint": 1}), True),
        (answer(200, []), True),
        (answer(503, {}), False),
        (Answer(200, b"", (), b"<html>"), True),
        (Answer(200, b"", (), b'{"a":"' + b"x" * 300_000 + b'"}'), True),
    ],
)
def test_without_an_endpoint_there_is_an_error(told: Answer, *, is_final: bool) -> None:
    with pytest.raises(TokenError, match="without a usable token_endpoint") as caught:
        tokens.endpoint(URL, told)
    assert (caught.value.where, caught.value.is_final) == (URL, is_final)


@pytest.mark.parametrize(
    ("more", "due"),
    [
        ({"token_type": "Bearer", "expires_in": 100}, 190.0),
        ({"token_type": "bearer", "expires_in": "100"}, 190.0),
        ({"expires_in": 0.5}, 100.45),
        ({}, None),
        ({"expires_in": "soon"}, None),
        ({"expires_in": 0}, None),
        ({"expires_in": None}, None),
    ],
)
def test_a_token_is_used_for_most_of_its_life(more: dict[str, object], due: float | None) -> None:
    told = answer(200, {"access_token": "t0k.en", **more})
    assert tokens.granted(URL, told, 100.0) == Token("t0k.en", due)


@pytest.mark.parametrize(
    ("told", "what", "hint"),
    [
        (answer(401, {"error": "invalid_client"}), "invalid_client", "client_secret="),
        (
            answer(400, {"error": "invalid_grant", "error_description": "Wrong\npassword"}),
            "invalid_grant: Wrong password",
            "Check username=",
        ),
        (answer(400, {"error": "invalid_scope"}), "invalid_scope", "scope="),
        (answer(400, {"error": "odd", "error_description": ""}), "odd", "token_url="),
        (answer(400, {"error": ["odd"]}), "it answered 400", "token_url="),
        (answer(200, {"error": "invalid_client"}), "invalid_client", "client_secret="),
        (answer(301, {"access_token": "t"}), "it answered 301", "token_url="),
        (answer(200, {"access_token": "t", "token_type": "mac"}), "answered 200", "token_url="),
        (answer(200, {"access_token": "t", "token_type": 1}), "answered 200", "token_url="),
        (answer(200, {"access_token": "a\r\nb"}), "answered 200", "token_url="),
        (answer(200, {"access_token": 1}), "answered 200", "token_url="),
    ],
)
def test_a_refusal_says_what_where_and_what_to_do(told: Answer, what: str, hint: str) -> None:
    with pytest.raises(TokenError) as caught:
        tokens.granted(URL, told, 0.0)
    error = caught.value
    assert what in error.detail
    assert hint in error.hint
    assert (error.where, error.is_final) == (URL, True)
    assert isinstance(error, TargetError)
    assert isinstance(error, UpstreamError)


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_what_may_be_answered_otherwise_later_is_not_final(status: int) -> None:
    with pytest.raises(TokenError) as caught:
        tokens.granted(URL, answer(status, {}), 0.0)
    assert not caught.value.is_final
