"""Operations of an API of notes that only some may do, and what is written for one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

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
    """What reads something, by those who have credentials."""
    answers = (response("200"), *responses)
    return operation("GET", path, responses=answers, security=security)


NOTE: Schema = {"properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}
TEXT: dict[str, Schema] = {"text": {"type": "string"}}


def creation(
    properties: Mapping[str, Schema] = TEXT,
    *statuses: str,
    answered: Mapping[str, Schema] | None = None,
    asked: Body | None = None,
) -> Operation:
    """What makes a note of these properties; `statuses` are answered too, `answered` is shown."""
    schema: Schema = {"type": "object", "required": ["text"], "properties": properties}
    note: Schema = {"properties": {"id": {"type": "integer"}, **(answered or {})}}
    answers = (response("201", content(note)), *map(response, statuses))
    return operation(
        "POST", "/notes", body=asked or body(content(schema)), responses=answers, security=SECURE
    )


def notes(
    method: str, *statuses: str, words: str = "", path: str = "/notes/{note_id}", summary: str = ""
) -> Operation:
    """What does something with one note; `words` describe what else is answered."""
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
