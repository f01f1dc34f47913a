import json

import pytest

from app.openapi.imports import credentials
from app.openapi.imports.samples import FormField, Payload


def test_headers_lose_what_proves_who_asks_and_keep_how() -> None:
    kept, schemes = credentials.of_headers(
        (
            ("Authorization", "Bearer s3cret"),
            ("X-Trace", "1"),
            ("Cookie", "theme=dark; session_id=s3cret"),
            ("X-Api-Key", "s3cret"),
            ("X-Own-Token", "s3cret"),
        )
    )
    assert kept == (("X-Trace", "1"),)
    assert [dict(each.definition) for each in schemes] == [
        {"type": "http", "scheme": "bearer"},
        {"type": "apiKey", "in": "cookie", "name": "session_id"},
        {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
        {"type": "apiKey", "in": "header", "name": "X-Own-Token"},
    ]
    assert "s3cret" not in repr(schemes)


def test_an_authorization_without_scheme_is_a_key() -> None:
    _, (scheme,) = credentials.of_headers((("Authorization", "s3cret"),))
    assert scheme.definition == {"type": "apiKey", "in": "header", "name": "Authorization"}


def test_the_query_loses_them_too() -> None:
    kept, (scheme,) = credentials.of_query((("q", "a"), ("api_key", "s3cret")))
    assert kept == (("q", "a"),)
    assert scheme.definition == {"type": "apiKey", "in": "query", "name": "api_key"}


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("password", True),
        ("client_secret", True),
        ("accessToken", True),
        ("sid", True),
        ("side", False),
        ("author", False),
        ("passage", False),
    ],
)
def test_a_name_tells_a_secret(name: str, *, secret: bool) -> None:
    assert credentials.is_secret(name) is secret


def test_a_body_loses_its_secrets_wherever_they_stand() -> None:
    text = json.dumps({"user": "ada", "login": [{"password": "s3cret", "token": None}]})
    found, secret = credentials.without_secrets(Payload("application/json", text, needs=("x",)))
    assert json.loads(found.text) == {
        "user": "ada",
        "login": [{"password": "secret", "token": None}],
    }
    assert (secret, found.needs) == (("password",), ("x", "password"))


def test_a_form_loses_its_secrets() -> None:
    form = Payload("", fields=(FormField("a", "1"), FormField("password", "s3cret")))
    found, secret = credentials.without_secrets(form)
    assert found.fields == (FormField("a", "1"), FormField("password", "secret"))
    assert secret == ("password",)


@pytest.mark.parametrize("text", ["", "no json", '{"a": 1}', "[" * 100_000])
def test_a_body_without_secrets_stays_as_it_is(text: str) -> None:
    payload = Payload("application/json", text)
    assert credentials.without_secrets(payload) == (payload, ())
