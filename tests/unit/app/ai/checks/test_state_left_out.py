"""Checks of state that are left out, because a correct API might not pass them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.openapi.model import Body, Operation, Schema
from tests.factories.descriptions import body, content, operation, parameter, response
from tests.factories.resources import (
    CHECKS,
    ID,
    MEMBER,
    NAME,
    NUMBER,
    TEXT,
    changing,
    creating,
    deleting,
    kinds,
    listing,
    reading,
    script,
    sent,
    shown,
)
from tests.factories.written import functions

NULLABLE: dict[str, Schema] = {"name": {"type": ["string", "null"]}, "note": TEXT}
BOTH: dict[str, Schema] = {"name": TEXT, "note": TEXT}
FORM = body(content({"properties": NAME}, "application/x-www-form-urlencoded"))
NO_OBJECT = body(content({"type": "array", "items": NUMBER}))
PUT = changing("PUT", sent(BOTH, "name"))
PATCH = changing("PATCH", sent(NULLABLE))
ALL = (creating(), reading(shown(BOTH)), listing())


@pytest.mark.parametrize(
    "own",
    [creating(sent({"kind": TEXT, **NAME}, "kind")), reading(), PUT, PATCH, deleting()],
)
def test_where_all_is_told_all_is_checked(own: Operation) -> None:
    others = [each for each in ALL if each.method != own.method or each.path != own.path]

    assert kinds(own, *others) == set(CHECKS[own.method])


SECRET: Schema = {"type": "object", "properties": {"email": TEXT, "password": TEXT}}
USER: Schema = {"type": "object", "properties": {"email": TEXT}}
KIND: Schema = {"type": "object", "properties": {"id": NUMBER, "name": TEXT}}
DEEP: Schema = TEXT
for _ in range(6):
    DEEP = {"type": "array", "items": DEEP}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ({"name": TEXT}, {"title": TEXT}),
        ({"name": TEXT}, {"name": NUMBER}),
        ({"name": TEXT}, {"name": True}),
        ({"password": TEXT}, {"password": TEXT}),
        ({"status": TEXT}, {"status": TEXT}),
        ({"phone": TEXT}, {"phone": TEXT}),
        ({"at": {"type": "string", "format": "date-time"}}, {"at": TEXT}),
        ({"id": NUMBER}, {"id": NUMBER}),
        ({"petId": NUMBER}, {"petId": NUMBER}),
        ({"user": SECRET}, {"user": SECRET}),
        ({"user": SECRET}, {"user": USER}),
        ({"users": {"type": "array", "items": SECRET}}, {"users": {"type": "array"}}),
        ({"names": DEEP}, {"names": DEEP}),
        ({"kind": KIND}, {"kind": KIND}),
    ],
)
def test_what_may_come_back_otherwise_is_not_compared(
    asked: dict[str, Schema], answered: dict[str, Schema]
) -> None:
    made = creating(sent(asked, *asked))

    assert "reads_what_was_created" not in kinds(reading(shown(answered)), made)
    assert "created_is_read_back" not in kinds(made, reading(shown(answered)))


def test_what_is_in_an_object_or_a_list_is_compared() -> None:
    properties: dict[str, Schema] = {"owner": USER, "tags": {"type": "array", "items": TEXT}}
    made = creating(sent(properties, *properties))

    assert kinds(reading(shown(properties)), made) == {"reads_what_was_created"}


@pytest.mark.parametrize("made", [creating(FORM), creating(NO_OBJECT), creating(status="202")])
def test_what_was_created_otherwise_is_not_read(made: Operation) -> None:
    """By a form, by anything but an object, or later."""
    assert kinds(reading(), made) == set()
    assert "created_is_read_back" not in kinds(made, reading())
    assert kinds(made, reading()) <= {"created_is_listed"}


@pytest.mark.parametrize(
    "read",
    [
        reading(shown(NAME), parameter("view")),
        operation("GET", MEMBER, ID),
        reading({"type": "array", "items": shown(NAME)}),
    ],
)
def test_where_nothing_plain_reads_it_nothing_is_compared(read: Operation) -> None:
    for own in (creating(), PUT, PATCH):
        others = [each for each in (creating(), read) if each is not own]
        assert not {
            each for each in functions(own, *others) if each.endswith(("read_back", "the_rest"))
        }


def test_what_is_not_read_is_deleted_from_the_list_only() -> None:
    assert kinds(deleting(), creating(), listing()) == {"deleted_is_not_listed"}


@pytest.mark.parametrize(
    "own",
    [
        changing("PUT", FORM),
        changing("PUT", NO_OBJECT),
        changing("PUT", sent(BOTH), status="202"),
        changing("PATCH", sent(BOTH, media_type="application/json-patch+json")),
        changing("PATCH", sent(BOTH), status="202"),
        deleting("202"),
        deleting(words="Archives a pet"),
        operation("DELETE", MEMBER, ID, parameter("q", schema=False), responses=(response("204"),)),
        changing("PUT", body(content(schema=False))),
    ],
)
def test_what_is_done_otherwise_or_later_is_not_looked_for(own: Operation) -> None:
    assert kinds(own, *ALL) == set()


@pytest.mark.parametrize(
    ("own", "check"),
    [
        (changing("PUT", sent({"title": TEXT}, "title")), "replacement_is_read_back"),
        (changing("PUT", sent({"id": NUMBER}, "id")), "replacement_is_read_back"),
        (changing("PUT", sent(BOTH)), "replacement_leaves_nothing_of_the_old"),
        (changing("PUT", sent(NAME, "name")), "replacement_leaves_nothing_of_the_old"),
        (changing("PATCH", sent({"title": TEXT})), "change_is_read_back"),
        (changing("PATCH", sent(NAME)), "change_leaves_the_rest"),
        (changing("PATCH", sent(BOTH, "note")), "change_leaves_the_rest"),
        (changing("PATCH", sent({"name": {"const": "a"}, "note": TEXT})), "change_leaves_the_rest"),
        (changing("PATCH", sent(BOTH)), "null_clears_name"),
    ],
)
def test_what_shows_nothing_is_left_out(own: Operation, check: str) -> None:
    assert check not in kinds(own, *ALL)


def test_what_leads_elsewhere_is_not_made_up() -> None:
    owned: dict[str, Schema] = {"owner_id": NUMBER, **NAME}
    own = changing("PATCH", sent(owned))

    assert "change_leaves_the_rest" not in kinds(own, creating(), reading(shown(owned)))


def test_of_a_merge_patch_null_clears_what_need_not_be_there() -> None:
    own = changing("PATCH", sent(BOTH, media_type="application/merge-patch+json"))

    assert "null_clears_name" in kinds(own, *ALL)
    needed = {**shown(BOTH), "required": ["name", "note"]}  # type: ignore[dict-item]
    assert "null_clears_name" not in kinds(own, creating(), reading(needed))


def test_a_change_leaves_out_the_id_that_stands_in_the_path() -> None:
    own = changing("PATCH", sent({"id": NUMBER, **BOTH}))

    check = functions(own, *ALL)["change_is_read_back"]

    assert '"id"' not in check.partition("expect")[0]
    assert '"note"' in check


def test_a_replacement_sends_the_id_that_stands_in_the_path() -> None:
    own = changing("PUT", sent({"id": NUMBER, **BOTH}, "id", "name"))

    found = functions(own, *ALL)

    assert '"id": pet_id' in found["replacement_is_read_back"]
    assert '"id": pet_id' in found["replacing_again_changes_nothing"]
    whole = found["replacement_leaves_nothing_of_the_old"]
    assert '"id": pet_id' in whole
    assert 'sent = without(old, "note")' in whole


def test_a_replacement_differs_from_what_was_created() -> None:
    """Where examples give both the same values, one is changed."""
    example: Schema = {"type": "object", "properties": BOTH, "required": ["name"], "example": 1}
    made = replace(creating(), body=body(content(example, examples=({"name": "Rex"},))))
    own = changing("PUT", body(content(example, examples=({"name": "Rex"},))))

    check = functions(own, made, reading(shown(BOTH)))["replacement_is_read_back"]

    assert 'sent = {"name": "' in check
    assert '"name": "Rex"' not in check


def test_a_replacement_of_one_possible_value_is_sent_as_it_is() -> None:
    only: dict[str, Schema] = {"name": {"type": "string", "enum": ["Rex"]}}
    own = changing("PUT", sent(only, "name"))

    check = functions(own, creating(sent(only, "name")), reading(shown(only)))

    assert 'sent = {"name": "Rex"}' in check["replacement_is_read_back"]


# Lists that do not show everything.

LIMIT = parameter("limit", schema={"type": "integer", "maximum": 9}, required=False)
DRAFT: Schema = {"properties": {"id": NUMBER, "draft": {"type": "boolean"}}}
STATE: Schema = {"properties": {"id": NUMBER, "state": {"enum": ["Hidden", "shown"]}}}


@pytest.mark.parametrize(
    "shown_in",
    [
        listing(shown(NAME), LIMIT),
        listing(shown(NAME), next_cursor=TEXT),
        listing(shown(NAME), has_more={"type": "boolean"}),
        listing(shown(NAME), parameter("page", required=False)),
        listing(shown(NAME), parameter("kind", schema={"default": "cat"}, required=False)),
        listing(shown(NAME), parameter("kind")),
        listing(DRAFT),
        listing(STATE),
        listing({"properties": NAME}),
        listing(words="Popular pets"),
        operation("GET", "/pets"),
    ],
)
def test_what_was_created_is_not_looked_for_in_a_part(shown_in: Operation) -> None:
    assert "created_is_listed" not in kinds(creating(), reading(), shown_in)


def test_what_was_deleted_is_not_even_in_a_part() -> None:
    assert kinds(deleting(), creating(), listing(DRAFT)) == {"deleted_is_not_listed"}
    assert kinds(deleting(), creating(), listing({"properties": NAME})) == set()


@pytest.mark.parametrize(
    "asked",
    [
        sent({"name": {"type": "string", "maxLength": 20}, "kind": TEXT}, "kind"),
        sent({"name": TEXT, "kind": {"type": "string", "default": "cat"}}, "kind"),
        sent({"count": NUMBER, "kind": NUMBER}, "kind"),
        sent({"kind": TEXT}, "kind"),
        sent(BOTH),
    ],
)
def test_a_refusal_without_a_mark_is_not_looked_for(asked: Body) -> None:
    made = replace(creating(), body=asked)

    assert "refused_leaves_nothing" not in kinds(made, reading(), listing())


def test_a_refusal_is_looked_for_by_its_text() -> None:
    made = creating(sent({"name": TEXT, "kind": TEXT}, "kind"), shown(NAME))

    assert "refused_leaves_nothing" in kinds(made, reading(), listing())


# What lies in something that cannot be created.

TOY = parameter("toyId", "path", NUMBER)
TOYS = operation(
    "POST", "/pets/{petId}/toys", ID, body=sent(NAME, "name"),
    responses=(
        replace(response("201", content(shown(NAME)))),
        response("409", description="The name is taken."),
    ),
)  # fmt: skip
READ_TOY = operation(
    "GET", "/pets/{petId}/toys/{toyId}", ID, TOY, responses=(response("200", content(shown(NAME))),)
)


def test_what_lies_in_what_cannot_be_created_is_not_checked() -> None:
    assert "second_of_the_same_is_refused" not in functions(TOYS, READ_TOY)
    assert "second_of_the_same_is_refused" in functions(TOYS, READ_TOY, creating())


def test_what_lies_below_is_gone_too() -> None:
    own = deleting()

    assert "deleted_with_its_toy" in functions(own, creating(), reading(), TOYS, READ_TOY)


@pytest.mark.parametrize(
    "others",
    [
        (creating(), TOYS),
        (creating(), replace(TOYS, path="/pets/{petId}/toys/{toyId}/parts"), READ_TOY),
        (creating(), replace(TOYS, body=body(content(schema=False))), READ_TOY),
    ],
)
def test_what_lies_below_and_is_not_read_is_left_out(others: tuple[Operation, ...]) -> None:
    assert not [each for each in functions(deleting(), *others) if "deleted_with" in each]


def test_what_is_created_without_a_body_can_be_changed() -> None:
    born = replace(creating(), body=None)
    read = reading(shown({**NAME, "tag": {"type": "string", "readOnly": True}}))

    assert "cannot_set_tag" in functions(changing("PUT", sent(NAME, "name")), born, read)


def test_what_is_created_elsewhere_and_read_in_something_is_left_out() -> None:
    """Nothing says in which one it would be."""
    named = content({"$ref": "#/schemas/Toy"})
    made = operation("POST", "/toys", body=sent(NAME, "name"), responses=(response("201", named),))
    read = operation(
        "GET", "/pets/{petId}/toys/{toyId}", ID, TOY, responses=(response("200", named),)
    )

    assert "created_is_read_back" not in functions(made, read, creating(), Toy=shown(NAME))


def test_nothing_is_used_that_is_not_imported() -> None:
    assert "without" not in script(deleting(), *ALL).partition("OPERATION")[0]
