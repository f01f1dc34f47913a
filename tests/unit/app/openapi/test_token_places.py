from __future__ import annotations

import pytest

from app.errors import InvalidInputError
from app.openapi import loading, token_places
from app.openapi.model import ApiDescription
from tests.factories.documents import openapi

CLIENT = {"alice": {"OAuth2": "client_id=a client_secret=b"}}
USER = {"alice": {"OAuth2": "username=a password=b", "X-Tenant": "t"}}


def described(**schemes: object) -> ApiDescription:
    return loading.load_bytes(openapi({}, components={"securitySchemes": schemes}))


def flow(kind: str, url: str) -> dict[str, object]:
    return {"type": "oauth2", "flows": {kind: {"tokenUrl": url, "scopes": {}}}}


def oidc(url: str) -> dict[str, object]:
    return {"type": "openIdConnect", "openIdConnectUrl": url}


def grant_of(users: dict[str, dict[str, str]], description: ApiDescription) -> str:
    found = token_places.completed(users, lambda: description, "http://api.test/v1")
    return found["alice"]["OAuth2"]


def test_the_flow_that_fits_says_where_tokens_come_from() -> None:
    description = described(
        m=flow("clientCredentials", "https://id.test/machine"),
        u=flow("password", "/oauth/token"),
        o=oidc("https://id.test"),
    )
    assert grant_of(CLIENT, description).split()[2] == "token_url=https://id.test/machine"
    assert "token_url=http://api.test/oauth/token" in grant_of(USER, description)
    found = token_places.completed(USER, lambda: description, "http://api.test/v1")
    assert found["alice"]["X-Tenant"] == "t"


def test_openid_connect_says_it_where_no_flow_does() -> None:
    description = described(
        b={"type": "http", "scheme": "bearer"},
        m=flow("authorizationCode", "https://id.test/token"),
        o=oidc("https://id.test/.well-known/openid-configuration"),
    )
    assert "discovery_url=https://id.test/.well-known/openid-configuration" in grant_of(
        CLIENT, description
    )


def test_who_says_it_themselves_needs_no_description() -> None:
    def unread() -> ApiDescription:
        raise AssertionError

    for place in ("token_url=https://id.test/t", "discovery_url=https://id.test"):
        users = {
            "bob": {"Authorization": "Bearer b"},
            "alice": {"oauth2": f"client_id=a client_secret=b {place}"},
        }
        found = token_places.completed(users, unread, "http://api.test")
        assert list(found) == ["bob", "alice"]
        assert found["bob"] == users["bob"]
        assert place in found["alice"]["OAuth2"]


@pytest.mark.parametrize(
    ("description", "named"),
    [
        (described(), "none"),
        (described(u=flow("password", "https://id.test/t")), "none"),
        (
            described(
                a=flow("clientCredentials", "https://a.test/t"),
                b=flow("clientCredentials", "https://b.test/t"),
            ),
            "https://a.test/t, https://b.test/t",
        ),
    ],
)
def test_a_place_that_is_not_told_or_told_twice_has_to_be_given(
    description: ApiDescription, named: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        grant_of(CLIENT, description)
    assert f"({named})" in caught.value.detail
    assert "the token of alice" in caught.value.detail
    assert caught.value.where == "identities"
    assert "token_url=" in caught.value.hint


def test_a_place_that_is_described_twice_is_one() -> None:
    one = flow("clientCredentials", "https://a.test/t")
    assert "token_url=https://a.test/t" in grant_of(CLIENT, described(a=one, b=one))
