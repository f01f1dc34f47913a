from __future__ import annotations

from app.openapi.model import Schema
from tests.factories.descriptions import body, content, operation
from tests.factories.written import functions, of_property, request_in

CLOSED: Schema = {
    "type": "object",
    "required": ["a", "description"],
    "properties": {
        "a": {"type": "integer"},
        "description": {"const": "a text that is long enough to be named"},
    },
    "additionalProperties": False,
}


def test_an_unknown_property_is_refused_where_there_are_no_others() -> None:
    own = operation("POST", "/pets", body=body(content(CLOSED)))
    found = functions(own)["body_unknown_property"]

    assert request_in(found) == 'api.post("/pets", json=BODY | {"unknown_property": "x"})'
    assert "expect.refused(response)" in found
    assert "Source: #/content/application/json/schema/additionalProperties" in found


def test_an_unknown_property_is_refused_further_in() -> None:
    found = of_property(CLOSED)["unknown_property"]

    assert 'json=replaced(BODY, "/size/unknown_property", "x")' in request_in(found)


def test_an_unknown_property_is_let_be_where_others_are_possible() -> None:
    assert "unknown_property" not in of_property({"type": "object", "properties": {"a": {}}})
