from __future__ import annotations

import pytest

from app.ai import reading
from app.openapi.model import SecurityScheme
from testops.json_values import Json
from tests.factories.descriptions import describe, operation, parameter


def test_headers_that_others_set_are_not_the_checks_to_give() -> None:
    own = operation(
        "GET",
        "/pets",
        parameter("Authorization", "header"),
        parameter("X-Key", "header"),
        parameter("X-Tenant", "header"),
        parameter("accept", "query"),
    )
    scheme = SecurityScheme("key", "apiKey", "header", "x-key")
    description = describe(own, security_schemes={"key": scheme})

    assert [each.name for each in reading.parameters(own, description)] == ["X-Tenant", "accept"]


@pytest.mark.parametrize("location", ["query", "cookie"])
def test_a_key_that_is_listed_among_the_parameters_is_not_the_checks_to_give(
    location: str,
) -> None:
    own = operation(
        "GET",
        "/pets",
        parameter("key", location),
        parameter("Key", location),
        parameter("key", "header"),
    )
    schemes = {
        "key": SecurityScheme("key", "apiKey", location, "key"),
        "login": SecurityScheme("login", "oauth2"),
    }

    found = reading.parameters(own, describe(own, security_schemes=schemes))

    assert [(each.location, each.name) for each in found] == [(location, "Key"), ("header", "key")]


def test_placeholders_that_nobody_declared_are_texts() -> None:
    own = operation("GET", "/a/{x}/{y}/{y}", parameter("x", "path"), parameter("y", "query"))

    [x, _, y] = reading.parameters(own, describe(own))

    assert (x.name, y.name, y.location, y.schema) == ("x", "y", "path", {"type": "string"})


@pytest.mark.parametrize("name", ["id", "petId", "pet_id", "pet-id", "uuid", "ownerUUID", "slug"])
def test_names_of_identifiers(name: str) -> None:
    assert reading.is_id(name)


@pytest.mark.parametrize("name", ["paid", "grid", "n", "delay", "valid", "name", ""])
def test_names_of_other_things(name: str) -> None:
    assert not reading.is_id(name)


@pytest.mark.parametrize(
    ("path", "name", "does"),
    [
        ("/books/{book}", "book", True),
        ("/v1/boxes/{box}/x", "box", True),
        ("/books/{isbn}", "isbn", False),
        ("/books", "book", False),
        ("/日/{日}", "日", False),
    ],
)
def test_a_placeholder_may_be_the_singular_of_its_collection(
    path: str,
    name: str,
    does: bool,  # noqa: FBT001 - a table
) -> None:
    assert reading.names_its_collection(path, name) is does


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [({"type": "string"}, {"string"}), ({"type": ["integer", "null"]}, {"integer", "null"})],
)
def test_the_types_a_schema_names(schema: dict[str, Json], kinds: set[str]) -> None:
    assert reading.kinds(schema, {}) == kinds
    assert reading.kinds(schema=False, schemas={}) == set()


def test_references_to_other_resources_are_found_in_values() -> None:
    value = {"id": 1, "author_id": 2, "tags": [{"tagId": 3, "label": "x"}]}

    assert set(reading.references_in(value, with_id=False)) == {"author_id", "tagId"}
    assert set(reading.references_in(value, with_id=True)) == {"id", "author_id", "tagId"}
