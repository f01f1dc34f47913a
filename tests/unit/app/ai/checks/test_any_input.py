from __future__ import annotations

from app.ai import offline
from app.openapi.model import ApiDescription, Operation
from tests.factories.descriptions import (
    body,
    content,
    describe,
    operation,
    parameter,
    task_tracker,
)
from tests.factories.written import functions

CHECK = "any_documented_input"
NUMBER = {"type": "integer"}
TEXT = {"type": "string"}


def of(description: ApiDescription, key: str, seed: int = 0) -> str:
    """The module of an operation from its last check on; empty where that is not of this kind."""
    [own] = [each for each in description.operations if each.key == key]
    script = offline.write_case(description, own, seed=seed).script
    return " ".join(script.partition(f"def test_{CHECK}")[2].split())


def lacks(own: Operation, *others: Operation) -> bool:
    return CHECK not in functions(own, *others)


def test_what_reads_is_asked_twenty_times() -> None:
    found = of(task_tracker(), "GET /projects", seed=3)

    assert 'for response in generated(api, "GET", "/projects", examples=20, seed=3):' in found
    assert found.endswith("expect.documented(response)")
    assert "Source: #/paths/~1projects/get" in found


def test_what_changes_is_asked_ten_times_about_what_the_check_has_created() -> None:
    found = of(task_tracker(), "PUT /projects/{project_id}")

    assert found.startswith("(api: Api, project_id: Json)")
    assert 'path={"project_id": project_id}, examples=10, seed=0' in found


def test_an_existing_id_is_read_where_something_else_varies_and_any_id_where_not() -> None:
    tasks = of(task_tracker(), "GET /projects/{project_id}/tasks")
    project = of(task_tracker(), "GET /projects/{project_id}")

    assert 'project_id = existing(api, "/projects", "/items/0/id")' in tasks
    assert 'path={"project_id": project_id}' in tasks
    assert "path=" not in project


def test_what_http_itself_answers_to_does_not_vary() -> None:
    member = parameter("petId", "path", NUMBER)
    condition = parameter("If-None-Match", "header", TEXT, required=False)

    assert lacks(operation("GET", "/pets", condition))
    found = of(describe(operation("GET", "/pets/{petId}", member, condition)), "GET /pets/{petId}")
    assert "path=" not in found


def test_nothing_that_is_somebody_elses_is_changed() -> None:
    """No such check where what it changes cannot be created first, nor where nothing varies."""
    member = parameter("petId", "path", NUMBER)

    assert lacks(operation("PUT", "/pets/{petId}", member, body=body(content(TEXT))))
    assert lacks(operation("POST", "/pets/{petId}/wash", member))


def test_there_is_none_where_inputs_are_lacking_or_cannot_be_told() -> None:
    pet = {"required": ["name"], "properties": {"name": {"pattern": "(?!)"}}}

    assert lacks(operation("GET", "/pets"))
    assert lacks(operation("DELETE", "/pets", parameter("all", schema={"type": "boolean"})))
    assert lacks(operation("POST", "/pets", body=body(content(TEXT, "text/plain"))))
    assert lacks(operation("POST", "/pets", body=body(content(pet))))
    assert not lacks(operation("POST", "/pets", body=body(content({"type": "object"}))))


def test_it_is_the_last_check_of_its_module() -> None:
    description = describe(operation("GET", "/pets", parameter("size", schema=NUMBER)))
    found = of(description, "GET /pets")

    assert "def test_" not in found
    assert found
