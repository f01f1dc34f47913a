from __future__ import annotations

import ast

import pytest

from app.ai import formatting, offline
from tests.factories.descriptions import body, content, describe, operation, parameter, pet_shop


def test_every_operation_has_a_case() -> None:
    shop = pet_shop()
    cases = list(offline.write_suite(shop))

    assert [case.operation for case in cases] == [each.key for each in shop.operations]
    assert [case.module for case in cases] == [
        "test_get_pets.py",
        "test_post_pets.py",
        "test_get_pets_petid.py",
        "test_delete_pets_petid.py",
    ]


def test_a_case_alone_is_the_case_in_the_suite() -> None:
    shop = pet_shop()
    cases = offline.write_suite(shop, seed=3)

    assert [offline.write_case(shop, each, seed=3) for each in shop.operations] == list(cases)


def test_some_operations_may_be_chosen() -> None:
    shop = pet_shop()

    [case] = offline.write_suite(shop, [shop.operations[2]])

    assert case.operation == "GET /pets/{petId}"


def test_the_seed_decides_what_is_made_up() -> None:
    shop = pet_shop()
    scripts = [offline.write_case(shop, shop.operations[1], seed=seed).script for seed in (0, 0, 1)]

    assert scripts[0] == scripts[1] != scripts[2]


def test_every_check_says_what_it_proves_and_where_that_is_documented() -> None:
    for case in offline.write_suite(pet_shop()):
        module = ast.parse(case.script)
        functions = [each for each in module.body if isinstance(each, ast.FunctionDef)]
        assert functions
        for function in functions:
            intent, _, source = (ast.get_docstring(function) or "").partition("\n\nSource: ")
            assert intent.endswith(".")
            # A fixture proves nothing.
            assert source.startswith("#/") or not function.name.startswith("test_")
            assert len(ast.unparse(function).splitlines()) <= 15


def test_scripts_are_laid_out_already() -> None:
    for case in offline.write_suite(pet_shop()):
        assert formatting.formatted({case.module: case.script}) == {case.module: case.script}


def test_notes_say_which_inputs_are_missing() -> None:
    shop = pet_shop()

    assert offline.write_case(shop, shop.operations[0]).notes == ()
    assert offline.write_case(shop, shop.operations[1]).notes == (
        "Needs values the API takes for name.",
    )


def test_a_note_that_another_one_holds_is_not_repeated() -> None:
    own = operation(
        "PUT", "/pets/{petId}", parameter("petId", "path"), body=body(content({"required": ["n"]}))
    )

    assert offline.write_case(describe(own), own).notes == (
        "Needs an existing petId and values the API takes for n.",
    )


def test_more_operations_than_one_batch_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "_BATCH", 2)
    description = describe(*(operation("GET", f"/p{number}") for number in range(5)))

    assert len(list(offline.write_suite(description))) == 5
    assert list(offline.write_suite(describe())) == []
