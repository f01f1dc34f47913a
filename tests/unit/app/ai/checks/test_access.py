"""What is asked without credentials, and with wrong ones."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest

from app.openapi.model import Operation, Response
from tests.factories.descriptions import operation, parameter, response
from tests.factories.notes import (
    CREATING,
    FORBIDDEN,
    LISTING,
    SECURE,
    UNAUTHENTICATED,
    functions,
    get,
    notes,
)


@pytest.mark.parametrize(
    ("responses", "statuses", "source"),
    [
        ((UNAUTHENTICATED,), "401", "#/responses/401"),
        ((UNAUTHENTICATED, FORBIDDEN), "401, 403", "#/responses/401"),
        ((FORBIDDEN,), "401, 403", "#/responses/403"),
        ((), "401, 403", "#/paths/~1me/get"),
        ((UNAUTHENTICATED, response("302"), response("2XX")), "401, 302", "#/responses/401"),
    ],
)
def test_without_credentials_what_the_description_says_is_expected(
    responses: tuple[Response, ...], statuses: str, source: str
) -> None:
    check = functions(get(*responses))["without_credentials"]

    assert 'response = api.get("/me", anonymous=True)' in check
    assert f"expect.denied(response, {statuses})" in check
    assert f"Source: {source}\n" in check


@pytest.mark.parametrize(
    ("scheme", "sent"),
    [
        ("bearer", '"Authorization": "Bearer unknown-'),
        ("login", '"Authorization": "Bearer unknown-'),
        ("jwt", '"Authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.AAA'),
        ("header", 'headers={"X-Api-Key": "unknown-'),
        ("query", 'query={"key": "unknown-'),
        ("cookie", 'cookies={"session": "unknown-'),
    ],
)
def test_credentials_that_nobody_has_keep_their_form(scheme: str, sent: str) -> None:
    check = functions(get(UNAUTHENTICATED, security=(scheme,)))["unknown_credentials"]

    assert sent in check
    assert "anonymous=True" in check
    assert "expect.denied(response, 401, 403)" in check


def test_basic_credentials_are_a_pair() -> None:
    check = functions(get(security=("basic",)))["unknown_credentials"]

    [pair] = re.findall(r'"Basic (\S+)"', check)
    assert re.fullmatch(rb"(unknown-\w{16}):\1", base64.b64decode(pair))


@pytest.mark.parametrize(
    ("scheme", "sent"),
    [
        ("bearer", '"Authorization": "Bearer"'),
        ("login", '"Authorization": "Bearer"'),
        ("jwt", '"Authorization": "Bearer"'),
        ("basic", '"Authorization": "Basic unknown-'),
    ],
)
def test_credentials_without_their_form_are_refused_too(scheme: str, sent: str) -> None:
    check = functions(get(UNAUTHENTICATED, security=(scheme,)))["malformed_credentials"]

    assert sent in check
    assert "anonymous=True" in check
    assert "expect.denied(response, 400, 401, 403)" in check


@pytest.mark.parametrize(
    "security",
    [
        (frozenset({"header"}), frozenset({"digest"})),
        (frozenset({"bearer", "header"}),),
    ],
)
def test_what_has_no_form_is_not_malformed(security: tuple[frozenset[str], ...]) -> None:
    assert "malformed_credentials" not in functions(replace(get(), security=security))


def test_the_first_way_that_has_a_form_is_malformed() -> None:
    assert (
        '"Basic unknown-'
        in functions(get(security=("header", "basic", "bearer")))["malformed_credentials"]
    )


def test_each_of_a_few_ways_to_prove_it_is_tried() -> None:
    found = functions(get(security=("bearer", "header", "query", "cookie")))

    assert [name for name in found if name.startswith("unknown")] == [
        "unknown_credentials_bearer",
        "unknown_credentials_header",
        "unknown_credentials_query",
    ]


def test_what_belongs_together_is_sent_together() -> None:
    own = replace(get(), security=(frozenset({"bearer", "header"}),))

    check = functions(own)["unknown_credentials"]

    assert "Authorization" in check
    assert "X-Api-Key" in check


@pytest.mark.parametrize("names", [{"digest"}, {"bearer", "basic"}, {"bearer", "digest"}])
def test_credentials_of_no_known_form_are_not_made_up(names: set[str]) -> None:
    found = functions(replace(get(), security=(frozenset(names),)))

    assert "without_credentials" in found
    assert "unknown_credentials" not in found


@pytest.mark.parametrize(
    "own",
    [
        get(security=()),
        get(security=("bearer", "tls")),
        get(security=("missing",)),
        replace(get(), security=(frozenset({"bearer"}), frozenset())),
        operation("OPTIONS", "/me", security=SECURE),
        operation("GET", "/me", parameter("q", schema=False), security=SECURE),
        operation("POST", "/auth/sign-in", security=SECURE),
        operation("POST", "/v1/users/register/", security=SECURE),
    ],
)
def test_what_may_be_asked_without_credentials_is(own: Operation) -> None:
    """No security, an optional one, one that is not documented or of the connection; signing in."""
    assert not [name for name in functions(own) if "credentials" in name]


def test_what_a_request_changes_was_created_for_it() -> None:
    deleting = notes("DELETE", "403")

    found = functions(deleting, CREATING)

    assert 'note_id = created(api, "/notes", "/id"' in found["note_id"]
    check = found["without_credentials"]
    assert "(api: Api, note_id: Json)" in check
    assert 'api.delete("/notes/{note_id}", path={"note_id": note_id}, anonymous=True)' in check


def test_what_cannot_be_created_is_deleted_by_an_id_that_does_not_exist() -> None:
    assert '"note_id": 999999999' in functions(notes("DELETE", "403"))["without_credentials"]


def test_what_cannot_be_created_and_has_no_unknown_id_is_not_deleted() -> None:
    own = operation(
        "DELETE", "/notes/{kind}", parameter("kind", "path", {"enum": ["a"]}), security=SECURE
    )

    assert "without_credentials" not in functions(own)


def test_what_cannot_be_created_is_changed_or_read_where_it_is_listed() -> None:
    for method in ("PUT", "GET"):
        check = functions(notes(method, "403"), LISTING)["without_credentials"]
        assert 'note_id = existing(api, "/notes", "/0/id")' in check
