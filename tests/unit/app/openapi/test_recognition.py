import pytest

from app.errors import DescriptionError
from app.openapi import recognition
from app.openapi.problems import Problems
from app.openapi.tree import Json


@pytest.mark.parametrize(
    ("document", "dialect"),
    [
        ({"swagger": "2.0"}, "2.0"),
        ({"swagger": 2.0}, "2.0"),
        ({"swagger": 2}, "2.0"),
        ({"openapi": "3.0.3"}, "3.0"),
        ({"openapi": 3.0}, "3.0"),
        ({"openapi": "3.0.0-rc1"}, "3.0"),
        ({"openapi": "3.1.1"}, "3.1"),
        ({"openapi": "3.2.0"}, "3.2"),
        ({"openapi": None, "swagger": "2.0"}, "2.0"),
    ],
)
def test_the_version_tells_the_dialect(document: Json, dialect: str) -> None:
    problems = Problems()
    assert recognition.dialect_of(document, problems=problems) == dialect
    assert not problems.listed()


def test_with_both_versions_openapi_counts() -> None:
    problems = Problems()
    document: Json = {"openapi": "3.0.3", "swagger": "2.0"}
    assert recognition.dialect_of(document, problems=problems) == "3.0"
    assert problems.listed()[0].pointer == "#/swagger"


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"openapi": "4.0.0"}, "#/openapi"),
        ({"openapi": "3.3.0"}, "#/openapi"),
        ({"openapi": {"a": 1}}, "#/openapi"),
        ({"swagger": "1.2"}, "#/swagger"),
    ],
)
def test_other_versions_are_refused(document: Json, where: str) -> None:
    with pytest.raises(DescriptionError, match="is not known") as caught:
        recognition.dialect_of(document, problems=Problems())
    assert caught.value.where == where


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"info": {"name": "c"}, "item": []}, "Postman"),
        ({"name": "c", "order": [], "requests": []}, "exports as 2.1"),
        ({"_postman_variable_scope": "environment"}, "Postman environment"),
        ({"log": {"entries": []}}, "HAR"),
        ({"asyncapi": "2.6.0"}, "AsyncAPI"),
        ({"swaggerVersion": "1.2"}, "Swagger 1"),
        ({"data": {"__schema": {}}}, "GraphQL introspection"),
        ({"__schema": {}}, "GraphQL introspection"),
        ({"apiVersion": "v1", "kind": "Pod"}, "Kubernetes"),
        ({"$schema": "x"}, "JSON Schema"),
        ([{"openapi": "3.0.3"}], "a list"),
        ("a sentence", "a single value"),
        ({"info": {}}, "does not say its version"),
        ({"openapi": None}, "does not say its version"),
        ({"log": {}, "data": {}}, "does not say its version"),
    ],
)
def test_other_documents_are_refused_by_their_name(document: Json, kind: str) -> None:
    with pytest.raises(DescriptionError, match=kind):
        recognition.dialect_of(document, problems=Problems())
