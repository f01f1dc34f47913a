from dataclasses import replace

from app.openapi import changes, loading
from app.openapi.changes import Changes
from app.openapi.model import ApiDescription
from tests.factories.documents import openapi

ANSWER = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}


def version(paths: object, **schemas: object) -> ApiDescription:
    return loading.load_bytes(openapi(paths, components={"schemas": schemas}))


def test_operations_come_go_and_change() -> None:
    old = version({"/a": {"get": {}, "put": {}}, "/b": {"get": {}}})
    new = version({"/c": {"get": {}}, "/b": {"get": {}}, "/a": {"get": {"summary": "new"}}})
    found = changes.between(old, new)
    assert found == Changes(added=("GET /c",), removed=("PUT /a",), changed=("GET /a",))
    assert found.is_any
    assert not changes.between(old, old).is_any


def test_where_a_part_stands_makes_no_difference() -> None:
    old = version({"/a": {"get": {"parameters": [{"name": "x", "in": "query", "schema": {}}]}}})
    moved = replace(
        old, operations=tuple(replace(each, pointer="#/elsewhere") for each in old.operations)
    )
    assert not changes.between(old, moved).is_any


def test_a_schema_that_changed_changes_whoever_leads_to_it() -> None:
    paths = {"/a": {"get": {"responses": {"200": ANSWER}}}, "/b": {"get": {}}}
    pet = {"properties": {"owner": {"$ref": "#/components/schemas/Owner"}}}
    cat = {"allOf": [{"$ref": "#/components/schemas/Owner"}]}
    old = version(paths, Pet=pet, Owner={"type": "object"}, Cat=cat)
    new = version(paths, Pet=pet, Owner={"type": "string"}, Cat=cat)
    assert changes.between(old, new) == Changes(changed=("GET /a",))
