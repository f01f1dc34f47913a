import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from demo import application, description
from tests.unit.demo import promises

DOCUMENT = description.document()


def _operations() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for route in description.routes():
        yield route.operation_id, promises.operation(route)


def test_every_operation_is_served_and_nothing_else_is_promised() -> None:
    assert sorted(application.VIEWS) == sorted(operation_id for operation_id, _ in _operations())


def test_what_one_caller_does_to_its_copy_reaches_nobody_else() -> None:
    description.document()["paths"].clear()
    assert description.document() == DOCUMENT
    assert len(list(description.routes())) == len(promises.ROUTES)


def test_a_route_speaks_as_documented_and_as_flask_writes_it() -> None:
    route = promises.ROUTES["readBook"]
    assert (route.key, route.rule) == ("GET /books/{bookId}", "/books/<bookId>")


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_is_json_schema_and_allows_its_examples(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    jsonschema_rs.meta.validate(schema)
    for example in schema.get("examples", ()):
        assert promises.is_valid(example, schema)


@pytest.mark.parametrize("operation_id", promises.ROUTES)
def test_examples_of_parameters_and_bodies_obey_their_schemas(operation_id: str) -> None:
    operation = promises.operation(promises.ROUTES[operation_id])
    for parameter in map(promises.resolved, operation.get("parameters", ())):
        assert promises.is_valid(parameter["example"], parameter["schema"])
    for content in operation.get("requestBody", {"content": {}})["content"].values():
        assert promises.is_valid(content["example"], content["schema"])


@pytest.mark.parametrize("operation_id", promises.ROUTES)
def test_examples_of_responses_obey_their_schemas(operation_id: str) -> None:
    operation = promises.operation(promises.ROUTES[operation_id])
    for response in map(promises.resolved, operation["responses"].values()):
        for content in response.get("content", {}).values():
            if "example" in content:
                assert promises.is_valid(content["example"], content["schema"])


def test_path_parameters_are_the_names_in_the_path() -> None:
    for route in description.routes():
        parameters = map(promises.resolved, promises.operation(route).get("parameters", ()))
        named = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        assert named == set(description.NAMES.findall(route.path))


def test_the_description_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT
