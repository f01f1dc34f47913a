from __future__ import annotations

import keyword

import pytest

from app.ai import naming


@pytest.mark.parametrize(
    ("operation", "module"),
    [
        ("GET /pets/{petId}", "test_get_pets_petid.py"),
        ("POST /", "test_post.py"),
        ("GET /日本", "test_get.py"),
        ("GET /café", "test_get_cafe.py"),
        ("GET /../../etc/passwd", "test_get_etc_passwd.py"),
        ("😀", "test_operation.py"),
    ],
)
def test_a_module_is_named_by_its_operation(operation: str, module: str) -> None:
    assert naming.module_names([operation]) == {operation: module}


def test_names_that_fall_together_are_told_apart() -> None:
    names = naming.module_names(["GET /a-b", "GET /A_B", "GET /a/b", "GET /a/b/2"])

    assert list(names.values()) == [
        "test_get_a_b.py",
        "test_get_a_b_2.py",
        "test_get_a_b_3.py",
        "test_get_a_b_2_2.py",
    ]


def test_long_names_are_cut_and_stay_apart() -> None:
    long = f"GET /{'a' * 500}"
    names = naming.module_names([long, f"{long}b", f"{long}c"])

    assert len(set(names.values())) == 3
    assert max(len(name) for name in names.values()) == naming.MAX_LENGTH


def test_a_number_fits_into_a_long_name() -> None:
    stem = "a" * (naming.MAX_LENGTH - len("test_get_.py"))
    names = naming.module_names([f"GET /{stem}", f"GET /{stem}/"])

    assert [len(name) for name in names.values()] == [naming.MAX_LENGTH] * 2
    assert names[f"GET /{stem}/"].endswith("_2.py")


def test_functions_are_named_by_words_and_never_twice() -> None:
    taken: set[str] = set()
    words = ["missing query petId", "missing query pet-id", "日本", ""]

    assert [naming.function_name(each, taken) for each in words] == [
        "test_missing_query_pet_id",
        "test_missing_query_pet_id_2",
        "test_input",
        "test_input_2",
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [("petId", "pet_id"), ("class", "class_value"), ("1_st", "1_st_value"), ("", "value")],
)
def test_variables_are_no_keywords(text: str, name: str) -> None:
    variable = naming.variable_name(text)

    assert variable == name or variable.endswith(name)
    assert not keyword.iskeyword(variable)
