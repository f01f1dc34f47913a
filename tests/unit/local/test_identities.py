"""Users as the command line gives them."""

from __future__ import annotations

import click
import pytest

from app.domain import grants
from app.domain.grants import Grant
from app.openapi import loading
from local import identities
from testops.identities import Identities
from tests.factories.documents import openapi

CONTEXT = click.Context(click.Command("x"))
OPTION = click.Option(["--identity"])


def read(*values: str) -> Identities:
    return identities.read(CONTEXT, OPTION, values)


def test_a_name_that_comes_again_has_one_header_more() -> None:
    found = read("mira=X-Plain: 1", "tom=X-Key: a=b ", "mira=X-Key:  k", "mira=?key: q")
    assert list(found.items()) == [
        ("mira", {"X-Plain": "1", "X-Key": "k", "?key": "q"}),
        ("tom", {"X-Key": "a=b"}),
    ]


def test_a_grant_may_take_its_values_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are: a space or a quotation mark in there is part of the value."""
    monkeypatch.setenv("SHOP_SECRET", "my \"s3cret' $x")
    found = read("shop=OAuth2: client_id=shop client_secret=$SHOP_SECRET", "shop=X-Tenant: t")
    assert grants.of_identities(found) == {"shop": Grant("shop", "my \"s3cret' $x")}
    assert found["shop"]["X-Tenant"] == "t"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("X-Key: s3cret", "is written NAME="),
        ("a=OAuth2: s3cret", "word 1 is none of"),
        ("a=OAuth2: client_id=a client_secret=$NOT_THERE", "NOT_THERE is not set"),
    ],
)
def test_what_cannot_be_read_is_not_repeated(value: str, why: str) -> None:
    with pytest.raises(click.BadParameter, match=why) as caught:
        read(value)
    assert "s3cret" not in str(caught.value)


def test_who_gets_a_token_where_only_the_description_says_is_told() -> None:
    """And that host has not been named by whoever calls the command."""
    flow = {"tokenUrl": "http://10.0.0.1/token", "scopes": {}}
    schemes = {"o": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
    schemes["i"] = {"type": "openIdConnect", "openIdConnectUrl": "https://id.test"}
    description = loading.load_bytes(openapi({}, components={"securitySchemes": schemes}))
    client = "OAuth2: client_id=a client_secret=b"
    given = read(
        f"al={client}",
        f"bo={client} token_url=https://b.test:8443/t",
        f"cy={client} discovery_url=https://c.test",
        "di=OAuth2: username=d password=d",
        "ed=X-Key: k",
    )
    said: list[str] = []
    found = identities.completed(given, description, "http://api.test", said.append)
    assert said == [
        "al gets a token where the description says: http://10.0.0.1/token",
        "di gets a token where the description says: https://id.test",
    ]
    assert list(found) == ["al", "bo", "cy", "di", "ed"]
    assert identities.hosts(given) == ("b.test", "c.test")
