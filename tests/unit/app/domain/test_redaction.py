from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.redaction import MASK, Redactor, is_secret_header


@given(secret=st.text(min_size=6, max_size=30), before=st.text(), after=st.text())
def test_a_value_is_found_in_every_spelling(secret: str, before: str, after: str) -> None:
    redactor = Redactor.of({"X-Key": secret})
    written = (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
    for spelling in written if secret.isprintable() else ():
        assert spelling not in redactor.text(f"{before}|{spelling}|{after}").replace(MASK, "\0")


def test_the_credential_inside_a_header_is_a_secret_too() -> None:
    basic = base64.b64encode(b"aladdin:opensesame").decode()
    redactor = Redactor.of({"Authorization": f"Basic {basic}", "X-Other": "Bearer abcdef"})
    for text in (f"Basic {basic}", basic, "aladdin:opensesame", "opensesame", "abcdef"):
        assert redactor.text(f"<{text}>") == f"<{MASK}>"


@pytest.mark.parametrize("value", ["Basic not-base64!", "Basic /w==", "Basic"])
def test_a_malformed_basic_header_is_a_secret_as_it_stands(value: str) -> None:
    assert Redactor.of({"Authorization": value}).text(value) == MASK


def test_the_longest_value_is_masked_first() -> None:
    redactor = Redactor.of({"A": "secret"}, secrets=["secret-and-more", "Bearer tok-en"])
    assert redactor.text("secret-and-more secret tok-en") == f"{MASK} {MASK} {MASK}"


def test_the_headers_of_every_user_are_secrets() -> None:
    redactor = Redactor.of({"A": "secret-a"}, {"a": "secret-b", "X-User": "secret-c"})
    assert redactor.text("secret-a secret-b secret-c") == f"{MASK} {MASK} {MASK}"
    assert redactor.headers([("x-user", "7")]) == (("x-user", MASK),)


def test_a_session_inside_a_cookie_is_a_secret_and_a_colour_is_none() -> None:
    redactor = Redactor.of({"Cookie": "theme=dark; session=s3cr3t-of-alice; a"})
    assert redactor.text("dark s3cr3t-of-alice") == f"dark {MASK}"


@pytest.mark.parametrize(
    ("name", "carries"),
    [
        ("authorization", True),
        ("X-Ledger-Key", True),
        ("X-Session", True),
        ("?appid", True),
        ("X-Keyword", False),
        ("X-Tenant", False),
    ],
)
def test_names_tell_which_headers_carry_credentials(name: str, *, carries: bool) -> None:
    assert is_secret_header(name) is carries


def test_headers_that_say_how_to_talk_are_no_secrets() -> None:
    redactor = Redactor.of({"Accept": "application/json", "User-Agent": "testops"})
    assert redactor.text("application/json by testops") == "application/json by testops"
    assert redactor.headers([("accept", "text/html")]) == (("accept", "text/html"),)


def test_a_short_value_is_masked_by_its_name_only() -> None:
    redactor = Redactor.of({"X-Tier": "7"})
    assert redactor.text("77 of 7") == "77 of 7"
    assert redactor.headers([("x-tier", "7"), ("X-Count", "7")]) == (
        ("x-tier", MASK),
        ("X-Count", "7"),
    )


def test_credentials_of_custom_are_masked_in_headers() -> None:
    headers = [("Authorization", "x"), ("Set-Cookie", "a=1"), ("X-API-Key", "k"), ("Date", "now")]
    assert Redactor().headers(headers) == (
        ("Authorization", MASK),
        ("Set-Cookie", MASK),
        ("X-API-Key", MASK),
        ("Date", "now"),
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://a.test/x?api_key=k1&page=2", f"http://a.test/x?api_key={MASK}&page=2"),
        ("http://a.test/?access_token=t#end", f"http://a.test/?access_token={MASK}#end"),
        ("http://user:pw@a.test/x", f"http://{MASK}@a.test/x"),
        ("http://a.test/abcdef/7", f"http://a.test/{MASK}/7"),
        ("http://a.test/?monkey=1&tokens=2", "http://a.test/?monkey=1&tokens=2"),
        ("http://a.test/@me?to=a@b.test", "http://a.test/@me?to=a@b.test"),
    ],
)
def test_urls_lose_their_credentials(url: str, shown: str) -> None:
    assert Redactor.of({"X-Key": "abcdef"}).url(url) == shown


def test_how_far_a_secret_can_reach_is_known() -> None:
    assert Redactor().longest == 0
    # In Base64 it is longer.
    assert Redactor.of({"X-Key": "abcdef"}).longest == 8


@given(secret=st.text(min_size=8, max_size=30), before=st.binary(), after=st.binary())
def test_a_value_is_found_inside_base64(secret: str, before: bytes, after: bytes) -> None:
    """Wherever it begins, and in the alphabet of URLs too (RFC 4648, sections 4 and 5)."""
    redactor = Redactor.of({"X-Key": secret})
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = encode(before + secret.encode("utf-8", "replace") + after).decode()
        assert MASK in redactor.text(text)


def test_what_is_learnt_later_is_masked_too() -> None:
    redactor = Redactor.of({"X-Key": "abcdef"}).also("abcdef-and-more").also("abc")
    assert redactor.text("abcdef-and-more abcdef abc") == f"{MASK} {MASK} abc"
    assert redactor.headers([("X-Key", "x")]) == (("X-Key", MASK),)
