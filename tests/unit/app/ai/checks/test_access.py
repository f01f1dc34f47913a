"""What is asked without credentials, with wrong ones, and by another user."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.ai import offline
from app.openapi.model import Body, Operation, Response, Schema, SecurityScheme
from tests.factories.descriptions import body, content, describe, operation, parameter, response

BEARER = SecurityScheme("bearer", "http", scheme="bearer")
SCHEMES = {
    "bearer": BEARER,
    "jwt": replace(BEARER, name="jwt", bearer_format="JWT"),
    "basic": SecurityScheme("basic", "http", scheme="basic"),
    "digest": SecurityScheme("digest", "http", scheme="digest"),
    "login": SecurityScheme("login", "oauth2"),
    "header": SecurityScheme("header", "apiKey", location="header", parameter="X-Api-Key"),
    "query": SecurityScheme("query", "apiKey", location="query", parameter="key"),
    "cookie": SecurityScheme("cookie", "apiKey", location="cookie", parameter="session"),
    "tls": SecurityScheme("tls", "mutualTLS"),
}
SECURE = ("bearer",)
ID = parameter("note_id", "path", {"type": "integer"})
UNAUTHENTICATED, FORBIDDEN = response("401"), response("403")


def functions(own: Operation, *others: Operation, **schemas: Schema) -> dict[str, str]:
    """Check or fixture → source of its function, decorators included."""
    parts = re.split(r"\n\n\n(?=@|def )", written(own, *others, **schemas))[1:]
    return {re.findall(r"def (?:test_)?(\w+)", part)[0]: part for part in parts}


def written(own: Operation, *others: Operation, **schemas: Schema) -> str:
    """The module of an operation."""
    described = describe(own, *others, schemas=schemas, security_schemes=SCHEMES)
    return offline.write_case(described, own).script


def get(*responses: Response, path: str = "/me", security: tuple[str, ...] = SECURE) -> Operation:
    answers = (response("200"), *responses)
    return operation("GET", path, responses=answers, security=security)


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


# What belongs to somebody.

NOTE: Schema = {"properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}
TEXT: dict[str, Schema] = {"text": {"type": "string"}}


def creation(
    properties: Mapping[str, Schema] = TEXT,
    *statuses: str,
    answered: Mapping[str, Schema] | None = None,
    asked: Body | None = None,
) -> Operation:
    schema: Schema = {"type": "object", "required": ["text"], "properties": properties}
    note: Schema = {"properties": {"id": {"type": "integer"}, **(answered or {})}}
    answers = (response("201", content(note)), *map(response, statuses))
    return operation(
        "POST", "/notes", body=asked or body(content(schema)), responses=answers, security=SECURE
    )


def notes(
    method: str, *statuses: str, words: str = "", path: str = "/notes/{note_id}", summary: str = ""
) -> Operation:
    answers = (response("200"), *(response(each, description=words) for each in statuses))
    return operation(method, path, ID, responses=answers, summary=summary, security=SECURE)


CREATING = creation()
LISTING = operation(
    "GET",
    "/notes",
    parameter("q", required=False),
    parameter("page-size", schema={"type": "integer", "maximum": 50}, required=False),
    responses=(response("200", content({"type": "array", "items": NOTE})),),
    security=SECURE,
)
OWNED = {"owner": {"type": "string"}}
PUBLIC: dict[str, Schema] = {**TEXT, "isPublic": {"type": "boolean"}}


def verdict(own: Operation, *others: Operation) -> str:
    """What another user gets: "refused", "open" where the check is skipped, or nothing."""
    found = [text for name, text in functions(own, *others).items() if "another_user_" in name]
    if not found:
        return ""
    [check] = found
    assert "expect.denied(response, 403, 404)" in check
    assert re.search(r"\(other: Api, (private_)?note_id: Json\)", check)
    assert "response = other." in check
    return "open" if "@pytest.mark.skip" in check else "refused"


@pytest.mark.parametrize(
    ("own", "made", "expected"),
    [
        # A 403 that creating has not, and an owner whom the API names.
        (notes("DELETE", "403"), creation(answered=OWNED), "refused"),
        (notes("PATCH", "403"), creation({**TEXT, **OWNED}, answered=OWNED), "open"),
        (
            notes("PUT", "403"),
            creation({**TEXT, **OWNED}, answered={"owner": {"readOnly": True}}),
            "refused",
        ),
        (notes("DELETE", "403"), creation(), "open"),
        (notes("GET", "403"), creation(answered=OWNED), "refused"),
        (notes("GET", "403"), creation(PUBLIC, answered=OWNED), "refused"),
        (notes("GET", "403"), creation({**TEXT, "for": {"enum": ["a"]}}, answered=OWNED), "open"),
        (notes("GET", "403"), creation(), ""),
        (notes("GET", "403", path="/notes/{note_id}/tags"), creation(answered=OWNED), ""),
        # Who has written it need not be the only one who may change it.
        (notes("PUT", "403"), creation(answered={"author": {}, "created_by": {}}), "open"),
        (notes("PUT", "403", words="The note is locked."), creation(answered=OWNED), ""),
        (notes("DELETE", "403", words="Needs the role editor."), creation(answered=OWNED), ""),
        (notes("DELETE", "403"), creation(TEXT, "403", answered=OWNED), ""),
        (notes("DELETE", "404"), creation(answered=OWNED), ""),
        (notes("DELETE"), creation(answered=OWNED), ""),
        # In words.
        (notes("DELETE", "403", words="You are not its owner."), creation(TEXT, "403"), "refused"),
        (notes("DELETE", "403", words="You are not its author."), CREATING, "refused"),
        (notes("DELETE", "403", words="For authors and editors."), creation(TEXT, "403"), ""),
        (notes("PATCH", "404", words="It is somebody else's."), creation(), "refused"),
        (notes("PATCH", "403", words="Only the note's owner."), creation(TEXT, "403"), "refused"),
        (notes("PATCH", "403", words="Must be the owner."), creation(TEXT, "403"), "refused"),
        (notes("PATCH", "404", words="Created by a different user."), creation(), "refused"),
        # An owner, or another user, may also be what the request is about.
        (notes("GET", "404", words="Note or owner not found."), creation(), ""),
        (notes("GET", "404", words="The note does not have an owner."), creation(), ""),
        (notes("PATCH", "403", words="May not change the owner."), creation(TEXT, "403"), ""),
        (notes("PATCH", "403", words="Cannot tell other users."), creation(TEXT, "403"), ""),
        (notes("GET", "404", words="Not found, or no owner."), creation(), ""),
        (notes("DELETE", "403", summary="Only its owner may delete it"), CREATING, "refused"),
        (notes("DELETE", "404", summary="Delete a note (owner only)"), CREATING, "refused"),
        (notes("DELETE", "404", summary="Only its owner may read it"), CREATING, ""),
        (notes("GET", "404", summary="Users can only read their own notes."), CREATING, "refused"),
        (notes("DELETE", "404", summary="You may delete only your own notes"), CREATING, "refused"),
        (notes("DELETE", "404", summary="You may only read your own notes"), CREATING, ""),
        (notes("GET", "404", summary="Users can read their own notes."), CREATING, ""),
        (notes("GET", "403", words="Not your note."), creation(TEXT, "403"), "refused"),
        (notes("GET", "404", words="Or it belongs to another user."), CREATING, "refused"),
        (notes("GET", "404", summary="Only the owner can read a note."), CREATING, "refused"),
        (notes("GET", "404", summary="Only the owner can read the drafts."), CREATING, ""),
        (notes("GET", "404", summary="Only the owner can read the hidden notes."), CREATING, ""),
        (notes("GET", "404", words="No such note."), CREATING, ""),
        # What may be public is asked for only where it was made private.
        (notes("GET", "404", words="Or this user may not see it."), CREATING, "open"),
        (notes("GET", "404", words="Or this user may not see it."), creation(PUBLIC), "refused"),
        (notes("GET", "404"), creation(PUBLIC), "open"),
        (
            notes("GET", "403", words="Another user's."),
            creation({**TEXT, "audience": {"enum": ["all", "me"]}}),
            "open",
        ),
        (notes("POST", "403", path="/notes/{note_id}/likes"), creation(answered=OWNED), ""),
        (notes("DELETE", "404", words="Not visible."), creation(PUBLIC), "refused"),
    ],
)  # fmt: skip
def test_another_user_is_refused_what_the_description_says_is_not_theirs(
    own: Operation, made: Operation, expected: str
) -> None:
    assert verdict(own, made) == expected


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("public", {"type": "boolean"}, "False"),
        ("is_private", {"type": ["boolean", "null"]}, "True"),
        ("visibility", {"enum": ["public", "private"]}, '"private"'),
    ],
)
def test_what_another_user_may_not_read_is_created_as_private_as_can_be(
    name: str, schema: Schema, value: str
) -> None:
    reading = notes("GET", "404", words="Or this user may not see it.")

    script = written(reading, creation({**TEXT, name: schema}))

    assert "def private_note_id(api: Api)" in script
    assert f'"{name}": {value}' in script
    assert 'other.get("/notes/{note_id}", path={"note_id": private_note_id})' in script


@pytest.mark.parametrize(
    "made",
    [
        creation(asked=body(content({"properties": PUBLIC}, "application/x-www-form-urlencoded"))),
        creation({**TEXT, "open": {"type": "boolean"}}),
        creation({**TEXT, "visibility": {"enum": ["all", "team"]}}),
        creation(asked=body(content({"type": "array", "items": {"type": "integer"}}))),
        replace(creation(), body=None),
    ],
)
def test_what_cannot_be_made_private_is_left_open(made: Operation) -> None:
    assert verdict(notes("GET", "404", words="Or may not be visible."), made) == "open"


def test_what_another_user_may_not_read_is_not_in_their_list() -> None:
    reading = notes("GET", "404", words="Or this user may not see it.")

    check = functions(LISTING, reading, creation(PUBLIC))["another_users_list_lacks_it"]

    assert 'response = other.get("/notes", query={"page-size": 50})' in check
    assert check.rstrip().endswith('expect.lacks(response, "", "id", private_note_id)')
    assert check.index("expect.documented") < check.index("expect.lacks")


@pytest.mark.parametrize(
    "others",
    [
        (),
        (notes("GET", "404"),),
        (notes("GET", "404"), creation()),
        (notes("GET", "404", words="Not visible."), creation()),
    ],
)
def test_a_list_of_what_may_be_read_is_not_looked_through(others: tuple[Operation, ...]) -> None:
    assert "another_users_list_lacks_it" not in functions(LISTING, *others)


def test_a_list_that_does_not_show_ids_is_not_looked_through() -> None:
    silent = replace(LISTING, responses=(response("200"),))
    reading = notes("GET", "404", words="Not visible.")

    assert "another_users_list_lacks_it" not in functions(silent, reading, creation(PUBLIC))


def test_a_list_without_a_page_size_is_asked_for_as_it_is() -> None:
    plain = replace(LISTING, parameters=())
    reading = notes("GET", "404", words="Not visible.")

    check = functions(plain, reading, creation(PUBLIC))["another_users_list_lacks_it"]

    assert 'other.get("/notes")' in check


def test_with_several_ids_in_a_path_nobody_knows_whose_is_refused() -> None:
    own = operation(
        "DELETE",
        "/notes/{note_id}/tags/{tag_id}",
        ID,
        parameter("tag_id", "path", {"type": "integer"}),
        responses=(response("200"), response("403", description="Not yours.")),
        security=SECURE,
    )

    assert verdict(own, creation()) == ""


def test_what_is_created_elsewhere_is_nobodys_in_particular() -> None:
    user = parameter("user_id", "path", {"type": "integer"})
    path = "/users/{user_id}/notes/{note_id}"
    made = creation()
    named = replace(made, responses=(response("201", content({"$ref": "#/schemas/Note"})),))
    read = operation(
        "GET", path, user, ID, responses=(response("200", content({"$ref": "#/schemas/Note"})),)
    )
    own = replace(notes("DELETE", "403", words="Not yours."), path=path, parameters=(user, ID))
    users = replace(made, path="/users")

    found = functions(own, named, read, users, Note=NOTE)

    assert not [name for name in found if "another_user" in name]


# Who has no role.


@pytest.mark.parametrize(
    ("own", "is_asked"),
    [
        (get(FORBIDDEN, path="/admin/stats"), True),
        (get(FORBIDDEN, path="/projects/admin-area"), False),
        (get(path="/admin/stats"), False),
        (get(FORBIDDEN, path="/admin/stats", security=()), False),
        (replace(get(FORBIDDEN), summary="Totals; for admins only"), True),
        (replace(get(FORBIDDEN), summary="List the admins"), False),
        (replace(get(FORBIDDEN), description="Counts all.\nRequires the admin role."), True),
        (replace(get(FORBIDDEN), description="Only admins see hidden notes."), False),
        (get(response("403", description="Not an administrator")), True),
        (replace(get(FORBIDDEN), scopes={"bearer": ("ROLE_ADMIN",)}), True),
        (replace(get(FORBIDDEN), scopes={"bearer": ("admin", "read")}), False),
        (replace(get(FORBIDDEN), scopes={"bearer": ("read:admins",)}), False),
        (
            replace(get(FORBIDDEN, security=("bearer", "login")), scopes={"login": ("admin",)}),
            False,
        ),
    ],
)
def test_who_is_no_admin_is_refused_what_is_for_admins(own: Operation, *, is_asked: bool) -> None:
    assert ("not_for_ordinary_users" in functions(own)) is is_asked


def test_an_ordinary_user_is_the_second_one_if_its_name_does_not_say_otherwise() -> None:
    check = functions(get(FORBIDDEN, path="/admin/stats"))["not_for_ordinary_users"]

    assert "(other: Api)" in check
    assert check.index('other.must_not_be("admin")') < check.index("other.get(")
    assert "expect.denied(response, 403, 404)" in check


def test_what_is_for_admins_and_cannot_be_deleted_safely_is_left_out() -> None:
    own = operation(
        "DELETE",
        "/admin/{kind}",
        parameter("kind", "path", {"enum": ["a"]}),
        responses=(FORBIDDEN,),
        security=SECURE,
    )

    assert "not_for_ordinary_users" not in functions(own)
