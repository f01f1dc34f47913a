import jsonschema_rs
import pytest

from app.openapi.model import ApiDescription
from tests.factories.documents import keywords_of, with_schema

CAT = {"type": "object", "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}}
DOG = {"type": "object", "properties": {"kind": {"type": "string"}}}
BRANCHES = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
MAPPING = {"cat": "Cat", "tom": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}


def described(discriminator: object, branches: object = BRANCHES) -> ApiDescription:
    schema = {"oneOf": branches, "discriminator": discriminator}
    return with_schema(schema, components={"schemas": {"Cat": CAT, "Dog": DOG}})


def test_each_branch_demands_the_values_that_lead_to_it() -> None:
    description = described({"propertyName": "kind", "mapping": MAPPING})
    schema = keywords_of(description)
    assert schema["oneOf"] == [
        {
            "$ref": "#/schemas/Cat",
            "required": ["kind"],
            "properties": {"kind": {"enum": ["cat", "tom"]}},
        },
        {
            "$ref": "#/schemas/Dog",
            "required": ["kind"],
            "properties": {"kind": {"enum": ["dog"]}},
        },
    ]
    whole = {**schema, "schemas": dict(description.schemas)}
    validator = jsonschema_rs.Draft202012Validator(whole)
    assert validator.is_valid({"kind": "dog", "lives": 9})
    assert not validator.is_valid({"kind": "cat", "lives": "many"})
    assert not validator.is_valid({"kind": "cow"})
    assert not validator.is_valid({})


@pytest.mark.parametrize(
    "discriminator",
    [
        {"propertyName": "kind"},
        {"propertyName": 5, "mapping": MAPPING},
        {"mapping": MAPPING},
        {"propertyName": "kind", "mapping": {"cat": "Cat"}},
        {"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Cow", "x": 5}},
        {"propertyName": "kind", "mapping": MAPPING, "defaultMapping": "Cat"},
    ],
)
def test_where_values_have_to_be_guessed_branches_may_overlap(discriminator: object) -> None:
    assert keywords_of(described(discriminator))["anyOf"] == [
        {"$ref": "#/schemas/Cat"},
        {"$ref": "#/schemas/Dog"},
    ]


def test_a_branch_without_a_name_has_no_values() -> None:
    found = described({"propertyName": "kind", "mapping": MAPPING}, [*BRANCHES, {}, True])
    assert len(keywords_of(found)["anyOf"]) == 4


def test_a_mapping_to_what_is_no_schema_object_leads_nowhere() -> None:
    mapping = {"cat": "Cat", "dog": "#/openapi"}
    assert "anyOf" in keywords_of(described({"propertyName": "kind", "mapping": mapping}))


def test_without_a_discriminator_one_branch_fits() -> None:
    assert "oneOf" in keywords_of(described(None))
