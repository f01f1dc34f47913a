"""What belongs to somebody is refused to another user, where the description says so."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from app.openapi.model import Operation, Schema
from tests.factories.descriptions import body, content, operation, parameter, response
from tests.factories.notes import (
    CREATING,
    ID,
    LISTING,
    NOTE,
    SECURE,
    TEXT,
    creation,
    functions,
    notes,
    written,
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
