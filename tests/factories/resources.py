"""Pets that can be created, listed, read, replaced, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping

from app.ai import offline
from app.openapi.model import Body, Operation, Parameter, Schema
from tests.factories.descriptions import body, content, describe, operation, parameter, response
from tests.factories.written import functions

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
NAME: dict[str, Schema] = {"name": TEXT}
ID = parameter("petId", "path", NUMBER)
MEMBER = "/pets/{petId}"
#: Which of these checks is written, by its operation.
CHECKS = {
    "POST": ("created_is_read_back", "created_is_listed", "refused_leaves_nothing"),
    "GET": ("reads_what_was_created",),
    "PUT": ("replacement_is_read_back", "replacement_leaves_nothing_of_the_old"),
    "PATCH": ("change_is_read_back", "change_leaves_the_rest", "null_clears_name"),
    "DELETE": ("deleted_is_gone", "deleted_is_not_listed"),
}


def sent(properties: Mapping[str, Schema], *required: str, media_type: str = "") -> Body:
    """A JSON body with these properties."""
    schema: Schema = {"type": "object", "required": list(required), "properties": properties}
    return body(content(schema, media_type) if media_type else content(schema))


def shown(properties: Mapping[str, Schema]) -> Schema:
    """A pet as it is answered."""
    return {"type": "object", "properties": {"id": NUMBER, **properties}}


def creating(
    asked: Body | None = None, answered: Schema | None = None, status: str = "201", words: str = ""
) -> Operation:
    """POST /pets."""
    answer = content(answered or shown(NAME))
    asked = asked or sent(NAME, "name")
    return operation(
        "POST", "/pets", body=asked, responses=(response(status, answer),), summary=words
    )


def reading(answered: Schema | None = None, *parameters: Parameter) -> Operation:
    """GET /pets/{petId}."""
    answers = (response("200", content(answered or shown(NAME))), response("404"))
    return operation("GET", MEMBER, ID, *parameters, responses=answers)


def changing(method: str, asked: Body, status: str = "200", words: str = "") -> Operation:
    """PUT or PATCH /pets/{petId}."""
    return operation(method, MEMBER, ID, body=asked, responses=(response(status),), summary=words)


def deleting(status: str = "204", words: str = "") -> Operation:
    """DELETE /pets/{petId}."""
    return operation("DELETE", MEMBER, ID, responses=(response(status),), summary=words)


def listing(
    item: Schema | None = None, *parameters: Parameter, words: str = "", **around: Schema
) -> Operation:
    """GET /pets: a list, or an object with one in it where anything stands around it."""
    items: Schema = {"type": "array", "items": item or shown(NAME)}
    whole: Schema = {"properties": {"pets": items, **around}} if around else items
    answers = (response("200", content(whole)),)
    return operation("GET", "/pets", *parameters, responses=answers, summary=words)


def kinds(own: Operation, *others: Operation) -> set[str]:
    """The checks of `CHECKS` that are written for an operation."""
    return set(functions(own, *others)) & set(CHECKS[own.method])


def script(own: Operation, *others: Operation) -> str:
    """The module of an operation."""
    return offline.write_case(describe(own, *others), own).script
