"""The OpenAPI document of REST v1, read by the platform's own loader."""

import json

import pytest
from flask import Flask

from app.factory import create_app
from app.openapi import loading
from app.openapi.model import ApiDescription
from tests.database_fixtures import settings_for


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(settings_for("postgresql://127.0.0.1:1/none"))


@pytest.fixture(scope="module")
def document(app: Flask) -> bytes:
    answer = app.test_client().get("/api/v1/openapi.json")
    return answer.get_data()


@pytest.fixture(scope="module")
def description(document: bytes) -> ApiDescription:
    return loading.load_bytes(document)


def test_the_document_is_without_problems(description: ApiDescription) -> None:
    assert (description.title, description.dialect) == ("AI TestOps", "3.1")
    assert description.problems == ()


def test_every_route_of_the_api_is_documented(app: Flask, description: ApiDescription) -> None:
    routes = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api_document.openapi"
    }
    assert {operation.key for operation in description.operations} == routes
    assert len(routes) >= 18


def test_every_operation_says_how_to_prove_who_asks(description: ApiDescription) -> None:
    for operation in description.operations:
        assert operation.security == (frozenset({"token"}),), operation.key
    assert description.security_schemes["token"].scheme == "bearer"


def test_every_operation_has_a_summary_and_its_own_name(description: ApiDescription) -> None:
    assert all(operation.summary for operation in description.operations)
    names = [operation.operation_id for operation in description.operations]
    assert len(set(names)) == len(names)


def test_errors_are_documented_as_problems(document: bytes) -> None:
    for path, item in json.loads(document)["paths"].items():
        for method, operation in item.items():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], (method, path)
