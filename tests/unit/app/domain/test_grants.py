from __future__ import annotations

import pytest

from app.domain import grants
from app.domain.grants import ClientAuth, Grant, Kind
from app.errors import InvalidInputError


def test_a_grant_is_words_and_comes_back_as_it_was() -> None:
    text = r"""client_id=shop client_secret='a \"b' scope="read write" client_auth=post"""
    grant = grants.read(text)
    assert grant == Grant(
        client_id="shop",
        client_secret=r"a \"b",
        scope="read write",
        client_auth=ClientAuth.POST,
    )
    assert grant.kind is Kind.CLIENT_CREDENTIALS
    assert grants.read(grant.text) == grant
    odd = Grant(username="o'neil", password="it's \"#$`\\ =ü")
    assert grants.read(odd.text) == odd


def test_who_has_a_user_name_signs_in_with_a_password() -> None:
    grant = grants.read("username=mira password=s3cret")
    assert (grant.kind, grant.secrets) == (Kind.PASSWORD, ("s3cret",))
    assert "s3cret" not in repr(grant)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither client_id"),
        ("client_id=shop", "neither client_id"),
        ("client_secret=s3cret", "neither client_id"),
        ("client_id=a client_secret='s3cret", "quotation mark"),
        ("client_id=a client_secret=my s3cret", "word 3 is none of client_id="),
        ("client_id=a client_secret=x s3cret=1", "word 3 is none of client_id="),
        ("username=mira", "belong together"),
        ("client_id=a client_secret=b password=s3cret", "belong together"),
        ("username=a password=b client_secret=s3cret", "has no client_id="),
        ("client_id=a client_secret=s3cret client_auth=jwt", "client_auth= is one of basic, post"),
        ("client_id=a client_secret=s3cret token_url=ftp://a.test", "token_url= is no http"),
        ("client_id=a client_secret=s3cret discovery_url=http://u@a.test", "discovery_url= is no"),
        (f"client_id=a client_secret={'s3cret' * 2000}", "longer than 8000"),
    ],
)
def test_what_is_no_grant_is_refused_and_not_repeated(text: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        grants.read(text)
    assert "s3cret" not in str(caught.value)
    assert "Write OAuth2: client_id=" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://a.test/token?realm=x", True),
        ("http://[::1]:8080/t", True),
        ("https://a.test/#t", False),
        ("https://", False),
        ("https://a.test:0/", False),
        ("https://a.test:x/", False),
        ("https://a.test/a b", False),
        ("/token", False),
    ],
)
def test_a_token_comes_from_an_address_that_can_be_asked(url: str, *, is_one: bool) -> None:
    assert grants.is_address(url) is is_one


def test_identities_may_have_a_grant_in_place_of_a_header() -> None:
    users = {
        "alice": {"oauth2": "client_id=a client_secret=s3cret", "X-Tenant": "t"},
        "bob": {"Authorization": "Bearer b"},
    }
    assert grants.of_identities(users) == {"alice": Grant(client_id="a", client_secret="s3cret")}
    assert grants.secrets(users) == ("s3cret",)


@pytest.mark.parametrize("other", ["authorization", "OAUTH2"])
def test_a_grant_is_alone_in_proving_who_asks(other: str) -> None:
    users = {"alice": {"OAuth2": "client_id=a client_secret=s3cret", other: "s3cret"}}
    with pytest.raises(InvalidInputError, match="another one, or an Authorization") as caught:
        grants.of_identities(users)
    assert caught.value.where == "identities"
    assert caught.value.detail.startswith("alice: The OAuth2 of an identity cannot be used")
    assert "s3cret" not in str(caught.value)
