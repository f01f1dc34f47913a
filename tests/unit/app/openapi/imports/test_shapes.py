import pytest

from app.openapi.imports import shapes
from app.openapi.tree import Json


def test_names_are_taken_over_and_no_types() -> None:
    values: list[Json] = [{"id": 1, "tag": {"a": 1}}, {"id": "x", "list": [{"b": 1}, {"c": 2}]}]
    assert shapes.shape_of(values) == {
        "properties": {
            "id": {},
            "tag": {"properties": {"a": {}}},
            "list": {"items": {"properties": {"b": {}, "c": {}}}},
        }
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], {}),
        ([{}], {"type": "object"}),
        ([[1, 2]], {"type": "array"}),
        ([[{"a": 1}]], {"type": "array", "items": {"properties": {"a": {}}}}),
        ([{}, []], {}),
        (["x"], {}),
        ([None, {"a": 1}], {}),
    ],
)
def test_the_top_is_an_object_or_a_list_where_all_are(
    values: list[Json], expected: dict[str, Json]
) -> None:
    assert shapes.top_of(values) == expected


def test_depth_has_an_end() -> None:
    deep: Json = {}
    for _ in range(100):
        deep = {"a": deep}
    assert str(shapes.shape_of([deep])).count("properties") == 8
