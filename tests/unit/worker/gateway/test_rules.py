from __future__ import annotations

import pytest

from app.errors import InvalidInputError
from worker.gateway import rules
from worker.gateway.rules import Origin, RefusedError


@pytest.mark.parametrize(
    ("url", "origin", "text"),
    [
        ("http://a.test", Origin("http", "a.test", 80), "http://a.test"),
        ("HTTPS://A.test:443/x?y", Origin("https", "a.test", 443), "https://a.test"),
        ("http://a.test:8080/v1", Origin("http", "a.test", 8080), "http://a.test:8080"),
        ("http://[::1]:8080", Origin("http", "::1", 8080), "http://[::1]:8080"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: Origin, text: str) -> None:
    assert Origin.of(url) == origin
    assert str(origin) == text


@pytest.mark.parametrize("url", ["", "a.test", "ftp://a.test", "http://", "http://a:x", "http://["])
def test_what_has_no_origin_is_no_target(url: str) -> None:
    assert Origin.of(url) is None
    with pytest.raises(InvalidInputError, match="no http or https URL"):
        rules.target_origin(url)


def test_a_base_url_with_credentials_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="holds credentials"):
        rules.target_origin("http://user:pw@a.test/v1")


TARGET = Origin("http", "a.test", 80)


@pytest.mark.parametrize("named", ["http://a.test", "http://A.test:80", "http://a.test/v1"])
def test_the_target_is_let_through(named: str) -> None:
    rules.admit("GET", "/x", (("x-testops-target", named),), TARGET)


@pytest.mark.parametrize(
    ("method", "path", "headers", "reason"),
    [
        ("GET", "/", (), "no X-Testops-Target"),
        ("GET", "/", (("X-Testops-Target", "http://b.test"),), "not the target"),
        ("GET", "/", (("X-Testops-Target", "https://a.test"),), "not the target"),
        ("GET", "/", (("X-Testops-Target", "nonsense"),), "not the target"),
        ("CONNECT", "b.test:1", (("X-Testops-Target", "http://a.test"),), "tunnel"),
        ("GET", "http://b.test/", (("X-Testops-Target", "http://a.test"),), "another server"),
        ("OPTIONS", "*", (("X-Testops-Target", "http://a.test"),), "another server"),
    ],
)
def test_everything_else_is_refused(
    method: str, path: str, headers: rules.Headers, reason: str
) -> None:
    with pytest.raises(RefusedError, match=reason):
        rules.admit(method, path, headers, TARGET)


def test_the_environments_headers_are_added_unless_the_script_settles_them() -> None:
    added = {"Authorization": "Bearer x", "X-Tenant": "blau-weiß"}
    sent = (("Host", "a.test"), ("x-tenant", "own"), ("X-Testops-Target", "http://a.test"))
    assert rules.outgoing(sent, added) == (
        ("Host", "a.test"),
        ("x-tenant", "own"),
        ("Authorization", "Bearer x"),
    )
    # UTF-8, one character for each byte, as h11 takes it.
    assert rules.outgoing((), added)[1] == ("X-Tenant", "blau-wei\xc3\x9f")
    assert rules.outgoing((("X-Testops-Anonymous", "1"),), added) == ()
    withheld = rules.outgoing((("X-Testops-Withhold", "Other, x-tenant"),), added)
    assert withheld == (("Authorization", "Bearer x"),)


def test_cookies_of_a_script_come_beside_the_environments() -> None:
    added = {"Cookie": "session=abc; theme=light"}
    own = ("cookie", "theme=dark")
    assert rules.outgoing((own,), added) == (("cookie", "theme=dark; session=abc"),)
    assert rules.outgoing((), added) == (("Cookie", "session=abc; theme=light"),)
    assert rules.outgoing((own, ("X-Testops-Withhold", "cookie")), added) == (own,)
    assert rules.outgoing((own, ("X-Testops-Anonymous", "1")), added, {"a": added}) == (own,)


def test_a_request_carries_what_proves_who_asks() -> None:
    """The main identity's headers unless another one is named; what all carry stays anonymous."""
    known = {"alice": {"Authorization": "a"}, "bob": {"Authorization": "b"}}
    tenant = ("X-Tenant", "7")

    def carried(*headers: tuple[str, str]) -> rules.Headers:
        return rules.outgoing(headers, dict([tenant]), known)

    assert carried() == (tenant, ("Authorization", "a"))
    assert carried(("x-testops-identity", "bob")) == (tenant, ("Authorization", "b"))
    assert carried(("X-Testops-Identity", "bob"), ("X-Testops-Anonymous", "1")) == (tenant,)
    with pytest.raises(RefusedError, match="no identity carol"):
        carried(("X-Testops-Identity", "carol"))


def test_a_key_in_the_query_goes_with_who_asks() -> None:
    """One that the target has repeated, and the script got masked, comes in its place again."""
    known = {"alice": {"?key": "a"}, "bob": {"?key": "b"}}

    def asked(path: str, *headers: tuple[str, str]) -> str:
        return rules.outgoing_path(path, headers, known)

    assert asked("/x?y=1") == "/x?y=1&key=a"
    assert asked("/x", ("X-Testops-Identity", "bob")) == "/x?key=b"
    assert asked("/x?key=own") == "/x?key=own"
    assert asked("/x?key=%5Bredacted%5D") == "/x?key=a"
    assert asked("/x", ("X-Testops-Anonymous", "1")) == "/x"
    assert rules.outgoing((), {}, known) == ()
