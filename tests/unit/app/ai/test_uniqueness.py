from __future__ import annotations

import pytest

from app.ai import inputs
from app.ai.material import Material, OperationMaterial
from app.openapi.model import Schema
from tests.factories.descriptions import body, content, describe, operation, response

TEXT: Schema = {"type": "string"}
EMAIL: Schema = {"type": "string", "format": "email"}


def fresh(
    properties: dict[str, Schema], *statuses: str, method: str = "POST", required: bool = True
) -> tuple[str, ...]:
    """The texts that each request has anew."""
    needed = list(properties) if required else []
    schema: Schema = {"type": "object", "required": needed, "properties": properties}
    answers = tuple(response(each) for each in statuses)
    own = operation(method, "/users", body=body(content(schema)), responses=answers)
    found = inputs.gathered(OperationMaterial(Material(describe(own), 0), own))
    return found.request.body.fresh if found.request.body else ()


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"name": TEXT, "note": TEXT}, ("name",)),
        ({"userName": TEXT, "note": TEXT}, ("userName",)),
        ({"note": TEXT}, ("note",)),
        ({"name": {"type": "string", "maxLength": 5}}, ()),
        ({"name": {"type": "string", "enum": ["a"]}}, ()),
        ({"name": {"type": "string", "format": "hostname"}}, ()),
        ({"name": {"type": "integer"}}, ()),
    ],
)
def test_where_a_conflict_is_documented_what_tells_apart_is_new(
    properties: dict[str, Schema], expected: tuple[str, ...]
) -> None:
    assert fresh(properties, "201", "409") == expected
    assert fresh(properties, "201", "409", method="PUT") == ()


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"email": EMAIL, "name": TEXT}, ("email",)),
        ({"workEmail": EMAIL, "user_name": TEXT}, ("workEmail",)),
        ({"username": TEXT, "title": TEXT}, ("username",)),
        ({"name": TEXT}, ()),
    ],
)
def test_what_people_are_told_apart_by_is_new_for_everybody(
    properties: dict[str, Schema], expected: tuple[str, ...]
) -> None:
    assert fresh(properties, "201") == expected
    assert fresh(properties, "200") == ()
