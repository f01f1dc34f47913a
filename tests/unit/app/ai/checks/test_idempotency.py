from __future__ import annotations

import re

from testops.json_values import Json
from tests.factories.descriptions import body, content, operation, parameter, response
from tests.factories.written import functions

KEY = "0b8d2b9e-5f0e-4c57-8a41-6f3d7f6f2c11"
SIZES = {"required": ["title"], "properties": {"title": {"type": "string", "maxLength": 9}}}
UUID = re.compile(r"[0-9a-f-]{36}")


def written(name: str, schema: dict[str, str], *examples: str) -> dict[str, str]:
    """The checks of an operation with a header that may be a key."""
    header = parameter(name, "header", schema, examples=examples)
    return functions(operation("POST", "/pets", header, body=body(content(SIZES))))


def test_every_request_has_an_idempotency_key_of_its_own() -> None:
    """But for those that have none, or one that is wrong on purpose."""
    found = written("Idempotency-Key", {"type": "string", "format": "uuid"}, KEY)

    assert KEY in found["documented_success"]
    keys = [key for source in found.values() for key in UUID.findall(source)]
    assert len(keys) == len(set(keys))
    assert len(UUID.findall(found["body_title_longest_text"])) == 2
    assert (
        "Idempotency-Key"
        not in found["missing_header_idempotency_key"]
        .partition("response")[2]
        .partition("withhold")[0]
    )
    assert '"not-a-uuid"' in found["header_idempotency_key_malformed"]


def test_another_header_stays_as_it_is() -> None:
    found = written("X-Tenant", {"type": "string", "format": "uuid"}, KEY)

    assert KEY in found["missing_body_title"] or "HEADERS" in found["missing_body_title"]


def test_a_key_of_another_form_stays_as_it_is() -> None:
    found = written("Idempotency-Key", {"type": "string"}, "some-key")

    assert "some-key" in found["missing_body_title"]


def test_each_request_of_a_scenario_has_a_key_of_its_own() -> None:
    header = parameter("Idempotency-Key", "header", {"type": "string"}, examples=(KEY,))
    pet: dict[str, Json] = {"required": ["name"], "properties": {"name": {"type": "string"}}}
    shown = {"required": ["id"], "properties": {"id": {"type": "integer"}, **pet["properties"]}}
    own = operation(
        "PUT",
        "/pets/{pet_id}",
        parameter("pet_id", "path", {"type": "integer"}),
        header,
        body=body(content(pet)),
    )
    creating = operation(
        "POST",
        "/pets",
        body=body(content(pet)),
        responses=(response("201", content(shown)),),
    )
    reading = operation(
        "GET",
        "/pets/{pet_id}",
        parameter("pet_id", "path", {"type": "integer"}),
        responses=(response("200", content(shown)),),
    )

    found = functions(own, creating, reading)

    keys = UUID.findall(found["replacing_again_changes_nothing"])
    assert len(keys) == 2
    assert keys[0] != keys[1]
    assert KEY not in keys
    assert UUID.findall(found["replacement_is_read_back"]) != keys[:1]
