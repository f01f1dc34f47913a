from __future__ import annotations

import pytest

from app.ai import offline
from app.openapi.model import Operation
from tests.factories.descriptions import describe, operation, parameter
from tests.factories.written import functions, request_in

ID = parameter("petId", "path", {"type": "integer"})


def tried(own: Operation, *others: Operation) -> str:
    """The undocumented method that is tried; empty where none is."""
    names = [name for name in functions(own, *others) if name.startswith("undocumented_method")]
    return "".join(names).rpartition("_")[2].upper()


def test_a_method_that_is_not_documented_is_not_allowed() -> None:
    found = functions(operation("GET", "/pets"))["undocumented_method_patch"]

    assert request_in(found) == 'api.patch("/pets")'
    assert found.rstrip().endswith("\n\n    expect.not_allowed(response)")
    assert "Source: #/paths/~1pets\n" in found


@pytest.mark.parametrize(
    ("documented", "method"),
    [
        (["GET"], "PATCH"),
        (["GET", "PATCH"], "PUT"),
        (["GET", "PUT", "PATCH", "DELETE"], "POST"),
        (["GET", "PUT", "PATCH", "POST"], ""),
    ],
)
def test_a_method_is_tried_that_does_the_least(documented: list[str], method: str) -> None:
    own, *others = (operation(each, "/pets") for each in documented)

    assert tried(own, *others) == method


def test_a_path_is_tried_once() -> None:
    first, second = operation("GET", "/pets"), operation("POST", "/pets")
    description = describe(first, second)

    scripts = [offline.write_case(description, each).script for each in (first, second)]

    assert ["undocumented_method" in script for script in scripts] == [True, False]


@pytest.mark.parametrize(
    ("own", "other", "is_met"),
    [
        ("/pets/find", "/pets/{petId}", True),
        ("/pets/{name}", "/pets/{petId}", True),
        ("/pets/{petId}", "/pets/find", True),
        ("/pets/{petId}.json", "/pets/{petId}", True),
        ("/pets/find", "/{shop}/{petId}", True),
        ("/pets/find", "/pets/list", False),
        ("/pets/find", "/pets/{petId}/toys", False),
        ("/pets", "/shops", False),
    ],
)
def test_what_another_path_documents_for_an_address_counts(
    own: str, other: str, *, is_met: bool
) -> None:
    met = tried(operation("GET", own), operation("PATCH", other))

    assert met == ("PUT" if is_met else "PATCH")


def test_options_is_asked_once_on_a_path() -> None:
    found = functions(operation("GET", "/pets"))["method_options"]

    assert request_in(found) == 'api.request("OPTIONS", "/pets")'
    assert found.rstrip().endswith("\n\n    expect.options(response)")
    assert "method_options" not in functions(
        operation("GET", "/pets"), operation("OPTIONS", "/pets")
    )


def test_head_is_asked_where_get_is_documented() -> None:
    own = operation("GET", "/pets", parameter("size", examples=(5,)))
    found = functions(own)["method_head"]

    assert request_in(found) == 'api.request("HEAD", "/pets", query={"size": 5})'
    assert found.rstrip().endswith(
        '\n\n    expect.like_get(response, api.get("/pets", query={"size": 5}))'
    )
    assert "method_head" not in functions(operation("GET", "/pets"), operation("HEAD", "/pets"))
    assert "method_head" not in functions(operation("POST", "/pets"))


def test_nothing_is_tried_where_an_input_is_missing() -> None:
    own = operation("GET", "/pets", parameter("q", schema=False))

    assert list(functions(own)) == ["documented_success"]
