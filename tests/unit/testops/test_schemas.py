from __future__ import annotations

import pytest

from testops.errors import ContractError
from testops.schemas import Schemas

DOCUMENT = {
    "pets": {"type": "array", "items": {"$ref": "#/schemas/Pet"}},
    "schemas": {
        "Pet": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "integer"}, "born": {"format": "date"}},
        },
        "Broken": {"type": "strng"},
        "Dangling": {"$ref": "#/schemas/Nowhere"},
    },
}


def test_values_are_held_against_the_schema_at_a_place() -> None:
    schemas = Schemas(DOCUMENT)

    assert schemas.accepts("/pets", [{"id": 1}])
    assert not schemas.accepts("/pets", [{"id": "1"}])


def test_complaints_say_where_and_what() -> None:
    complaints = Schemas(DOCUMENT).complaints("/pets", [{"id": "x", "born": "soon"}])

    assert sorted(complaints) == [
        'at /0/born: "soon" is not a "date"',
        'at /0/id: "x" is not of type "integer"',
    ]


def test_a_complaint_about_the_whole_value_is_at_the_top() -> None:
    assert Schemas(DOCUMENT).complaints("/pets", {}) == ['at the top: {} is not of type "array"']


def test_complaints_are_few_and_short() -> None:
    complaints = Schemas(DOCUMENT).complaints("/pets", ["x" * 1000] * 50)

    assert len(complaints) == 5
    assert all(len(line) < 400 and " … " in line for line in complaints)


@pytest.mark.parametrize("place", ["/schemas/Broken", "/schemas/Dangling", "/nowhere"])
def test_a_schema_that_cannot_be_used_is_no_failure_of_the_api(place: str) -> None:
    with pytest.raises(ContractError, match=f"The schema at {place} cannot be used"):
        Schemas(DOCUMENT).accepts(place, 1)


def test_schemas_that_cannot_be_read_are_refused_at_once() -> None:
    with pytest.raises(ContractError, match="The schemas cannot be read"):
        Schemas({"$id": "http://[", "schemas": {}})
