"""What the kinds of check make of resources and lists, read from the modules that are written."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

import pytest

from app.ai import offline
from app.openapi.model import ApiDescription
from tests.factories.descriptions import task_tracker
from worker import promise

TRACKER = task_tracker()
PROJECT = "{} /projects/{{project_id}}"
MOVE = "POST /tasks/{task_id}/move"
KEYS = [each.key for each in TRACKER.operations]


def script(key: str, description: ApiDescription = TRACKER) -> str:
    [own] = [each for each in description.operations if each.key == key]
    return offline.write_case(description, own).script


def functions(key: str, description: ApiDescription = TRACKER) -> dict[str, str]:
    """Name → source of each function of a module, fixtures too."""
    text = script(key, description)
    found = [each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef)]
    return {each.name: ast.get_source_segment(text, each) or "" for each in found}


def body(key: str, name: str, description: ApiDescription = TRACKER) -> str:
    """A function's text without layout."""
    return re.sub(r"\s+", " ", functions(key, description)[name]).replace("( ", "(")


def changed(key: str, **fields: object) -> ApiDescription:
    """The tracker with another operation in the place of one."""
    own = tuple(
        replace(each, **fields) if each.key == key else each  # type: ignore[arg-type]
        for each in TRACKER.operations
    )
    return replace(TRACKER, operations=own)


@pytest.mark.parametrize("key", KEYS)
def test_every_function_is_short_and_says_what_it_proves(key: str) -> None:
    module = ast.parse(script(key))
    found = [each for each in module.body if isinstance(each, ast.FunctionDef)]
    for function in found:
        assert len(ast.unparse(function).splitlines()) <= 15
        intent, _, source = (ast.get_docstring(function) or "").partition("\n\nSource: ")
        assert intent.endswith(".")
        assert function.name[:5] != "test_" or source.startswith("#/")


@pytest.mark.parametrize("key", KEYS)
def test_the_engine_can_read_what_is_written(key: str) -> None:
    told = promise.read(script(key))

    assert all(told.claims_of(check) for check in told.intents)


@pytest.mark.parametrize("key", KEYS)
def test_no_name_is_used_that_is_not_there(key: str) -> None:
    compiled = compile(script(key), key, "exec")
    names = {"__name__": "m"}
    exec(compiled, names)  # noqa: S102 - a module of ours

    for name, value in list(names.items()):
        code = getattr(getattr(value, "__wrapped__", value), "__code__", None)
        for used in code.co_names if code and name.startswith("test_") else ():
            assert used in names or hasattr(__builtins__, used) or not used.isupper()


def test_a_resource_is_created_before_and_deleted_afterwards() -> None:
    assert body("PATCH /projects/{project_id}", "project_id").endswith(
        'yield project_id api.delete("/projects/{project_id}", path={"project_id": project_id})'
    )
    assert "fresh(" in body("PATCH /projects/{project_id}", "project_id")


def test_a_resource_in_another_one_asks_for_that_first() -> None:
    fixture = body("GET /tasks/{task_id}", "task_id")

    assert fixture.startswith("def task_id(api: Api, project_id: Json) -> Json:")
    assert 'path={"project_id": project_id}' in fixture
    assert "api: Api, task_id: Json)" in body("GET /tasks/{task_id}", "test_reads_what_was_created")


def test_the_checks_of_each_operation() -> None:
    others = (
        "method_head",
        "method_options",
        "undocumented_method_patch",
        "any_documented_input",
    )
    own = {
        key: [
            each for each in functions(key) if each.startswith("test_") and each[5:] not in others
        ]
        for key in KEYS
    }

    assert own["POST /projects"][-7:] == [
        "test_created_is_read_back",
        "test_location_leads_to_it",
        "test_created_is_listed",
        "test_refused_leaves_nothing",
        "test_second_of_the_same_is_refused",
        "test_cannot_set_owner",
        "test_cannot_set_made_at",
    ]
    assert own["PUT /projects/{project_id}"][-5:] == [
        "test_replacement_is_read_back",
        "test_replacing_again_changes_nothing",
        "test_replacement_leaves_nothing_of_the_old",
        "test_cannot_set_owner",
        "test_cannot_set_made_at",
    ]
    assert own["PATCH /projects/{project_id}"][-4:] == [
        "test_change_is_read_back",
        "test_change_leaves_the_rest",
        "test_cannot_set_owner",
        "test_cannot_set_made_at",
    ]
    assert own["DELETE /projects/{project_id}"][-3:] == [
        "test_deleted_is_gone",
        "test_deleted_is_not_listed",
        "test_deleted_with_its_task",
    ]
    assert own["GET /projects"][-4:] == [
        "test_pages_are_complete",
        "test_total_counts_all",
        "test_ordered_by_name_descending",
        "test_ordered_by_name_ascending",
    ]
    assert own["GET /projects/{project_id}/tasks"][-1:] == ["test_filtered_by_status"]


def test_states_that_may_follow_each_other_are_gone_through() -> None:
    own = functions("POST /tasks/{task_id}/move")

    assert [name for name in own if name.startswith(("test_from", "test_not"))] == [
        "test_from_todo_to_doing",
        "test_from_doing_to_done",
        "test_not_from_todo_to_todo",
        "test_not_from_todo_to_done",
        "test_not_from_doing_to_todo",
        "test_not_from_doing_to_doing",
        "test_not_from_done_to_todo",
        "test_not_from_done_to_doing",
        "test_not_from_done_to_done",
    ][:9]


def test_a_state_that_cannot_be_reached_is_left_out() -> None:
    text = "Allowed: todo to doing, done to todo. Anything else is 409"
    own = functions(MOVE, changed(MOVE, summary=text))

    assert [name for name in own if name.startswith("test_from")] == ["test_from_todo_to_doing"]


@pytest.mark.parametrize(
    ("key", "summary", "check"),
    [
        (PROJECT.format("PUT"), "Partial update", "replacement_leaves_nothing_of_the_old"),
        (PROJECT.format("DELETE"), "Archives a project", "deleted_is_gone"),
        (PROJECT.format("DELETE"), "Delete a project", "deleted_with_its_task"),
        (PROJECT.format("DELETE"), "Delete it and its tasks stay", "deleted_with_its_task"),
        ("GET /projects", "Featured projects", "created_is_listed"),
        ("POST /projects", "Create a project", "second_of_the_same_is_refused"),
        (MOVE, "Allowed: todo to doing, doing to done", "not_from_todo_to_done"),
    ],
)
def test_what_the_words_leave_open_is_left_out(key: str, summary: str, check: str) -> None:
    other = changed(key, summary=summary)
    asked = "POST /projects" if check == "created_is_listed" else key

    assert f"test_{check}" in functions(asked)
    assert f"test_{check}" not in functions(asked, other)
