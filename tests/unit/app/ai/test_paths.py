from __future__ import annotations

import pytest

from app.ai.paths import Paths
from tests.factories.descriptions import operation

PATHS = Paths(
    operation(method, path)
    for method, path in (
        ("GET", "/pets"),
        ("POST", "/pets"),
        ("GET", "/pets/{petId}"),
        ("DELETE", "/pets/{id}"),
        ("GET", "/pets/mine"),
        ("PUT", "/pets/mine"),
        ("HEAD", "/pets/{petId}.json"),
        ("PATCH", "/{any}/{id}/toys"),
    )
)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/pets", {"GET", "POST"}),
        ("/cars", set()),
        ("/pets/7", {"GET", "DELETE"}),
        ("/pets/mine", {"GET", "PUT", "DELETE"}),
        ("/pets/7.json", {"GET", "DELETE", "HEAD"}),
        ("/pets/.json", {"GET", "DELETE"}),
        ("/pets/{petId}", {"GET", "DELETE", "PUT", "HEAD"}),
        ("/pets/{petId}.json", {"GET", "DELETE", "HEAD"}),
        ("/pets/7/toys", {"PATCH"}),
        ("/pets/7/toys/1", set()),
        ("", set()),
    ],
)
def test_every_path_that_an_address_may_mean_is_found(path: str, methods: set[str]) -> None:
    assert PATHS.methods(path) == methods


def test_the_first_operation_of_a_path_is_the_first_that_is_described() -> None:
    assert PATHS.first("/pets") == "GET"
    assert PATHS.first("/pets/{id}") == "DELETE"
