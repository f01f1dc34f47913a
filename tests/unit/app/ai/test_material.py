from __future__ import annotations

from app.ai.material import Material, OperationMaterial
from tests.factories.descriptions import describe, operation, parameter


def test_of_many_operations_the_schemas_are_not_all_held() -> None:
    number = parameter("size", schema={"type": "integer"})
    every = [operation("GET", f"/pets/{count}", number) for count in range(120)]
    shared = Material(describe(*every), 0)

    accepted = [OperationMaterial(shared, each).accepts("/parameters/0")(7) for each in every]

    assert all(accepted)
    assert 0 < len(shared.checked) <= 50


def test_what_is_asked_for_again_is_compiled_once() -> None:
    own = operation("GET", "/pets", parameter("size", schema={"type": "integer"}))
    shared = Material(describe(own), 0)

    OperationMaterial(shared, own).accepts("/parameters/0")(7)
    compiled = shared.checked["GET /pets"]
    OperationMaterial(shared, own, "GET /others").accepts("/parameters/0")("a")

    assert shared.checked["GET /pets"] is compiled
