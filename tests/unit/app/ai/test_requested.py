from __future__ import annotations

from collections.abc import Mapping

from app.ai.directions import Direction, Lens
from app.ai.requested import Requested
from app.openapi.model import Schema

PET: Schema = {
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "friends": {"type": "array", "items": {"$ref": "#/schemas/Pet"}},
        "owner": {"$ref": "#/schemas/Owner"},
    },
}


def requested(schemas: Mapping[str, Schema]) -> Requested:
    return Requested(schemas, Lens(Direction.REQUEST, schemas))


def test_a_document_has_its_places_and_every_schema_they_lead_to() -> None:
    known = requested({"Pet": PET, "Owner": {"type": "object"}, "Car": {"type": "object"}})

    document = known.document({"body": [{"$ref": "#/schemas/Pet"}, {"type": "string"}]})

    assert document is not None
    assert document["body"] == [{"$ref": "#/schemas/Pet"}, {"type": "string"}]
    assert list(document["schemas"]) == ["Owner", "Pet"]
    assert document["schemas"]["Pet"]["required"] == ["name"]


def test_what_was_worked_out_is_used_again() -> None:
    known = requested({"Pet": PET, "Owner": {"type": "object"}})
    first = known.document({"body": [{"$ref": "#/schemas/Pet"}]})
    second = known.document({"query": [{"$ref": "#/schemas/Pet"}]})

    assert first is not None
    assert second is not None
    assert first["schemas"]["Pet"] is second["schemas"]["Pet"]


def test_a_reference_that_leads_nowhere_is_passed_over() -> None:
    document = requested({}).document({"body": [{"$ref": "#/schemas/Nobody"}]})

    assert document == {"body": [{"$ref": "#/schemas/Nobody"}], "schemas": {}}


def test_there_is_no_document_where_checking_would_never_end() -> None:
    """Whether it is a named schema or one of the places that asks for so much."""
    doubling: dict[str, Schema] = {
        f"S{n}": {"anyOf": [{"$ref": f"#/schemas/S{n + 1}"}] * 2} for n in range(30)
    }
    own: Schema = {"type": "string"}
    for _ in range(14):
        own = {"allOf": [own, own]}

    assert requested(doubling).document({"body": [{"$ref": "#/schemas/S0"}]}) is None
    assert requested({}).document({"body": [own]}) is None
