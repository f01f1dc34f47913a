from __future__ import annotations

import pytest

from app.ai import serialising
from testops import addresses
from testops.json_values import Json
from tests.factories.descriptions import parameter

OBJECT = {"R": 100, "G": True}
LIST = ["blue", 7]


@pytest.mark.parametrize(
    ("style", "explode", "value", "query"),
    [
        ("form", True, 5, "c=5"),
        ("form", True, LIST, "c=blue&c=7"),
        ("form", False, LIST, "c=blue%2C7"),
        ("spaceDelimited", False, LIST, "c=blue%207"),
        ("pipeDelimited", False, LIST, "c=blue%7C7"),
        ("form", True, OBJECT, "R=100&G=true"),
        ("form", False, OBJECT, "c=R%2C100%2CG%2Ctrue"),
        ("spaceDelimited", False, OBJECT, "c=R%20100%20G%20true"),
        ("pipeDelimited", False, OBJECT, "c=R%7C100%7CG%7Ctrue"),
        ("deepObject", True, OBJECT, "c[R]=100&c[G]=true"),
        ("form", True, [{"a": 1}, None], "c=%7B%22a%22%3A%201%7D&c="),
    ],
)
def test_a_query_parameter_is_laid_out_by_its_style(
    style: str,
    explode: object,
    value: Json,
    query: str,
) -> None:
    laid_out = serialising.flat(parameter("c", style=style, explode=bool(explode)), value)

    assert addresses.query_of(laid_out) == query


@pytest.mark.parametrize(
    ("style", "explode", "value", "path"),
    [
        ("simple", False, 5, "/5"),
        ("simple", False, LIST, "/blue,7"),
        ("simple", False, OBJECT, "/R,100,G,true"),
        ("simple", True, OBJECT, "/R=100,G=true"),
        ("label", False, 5, "/.5"),
        ("label", True, LIST, "/.blue.7"),
        ("label", False, LIST, "/.blue,7"),
        ("label", True, OBJECT, "/.R=100.G=true"),
        ("matrix", False, 5, "/;c=5"),
        ("matrix", True, LIST, "/;c=blue;c=7"),
        ("matrix", False, LIST, "/;c=blue,7"),
        ("matrix", True, OBJECT, "/;R=100;G=true"),
        ("matrix", False, OBJECT, "/;c=R,100,G,true"),
    ],
)
def test_a_path_parameter_is_laid_out_by_its_style(
    style: str,
    explode: object,
    value: Json,
    path: str,
) -> None:
    laid_out = serialising.flat(parameter("c", "path", style=style, explode=bool(explode)), value)

    assert addresses.path_of("/{c}", laid_out) == path


def test_a_parameter_described_by_content_is_json() -> None:
    described = parameter("c", media_type="application/json")

    assert serialising.flat(described, OBJECT) == {"c": '{"R": 100, "G": true}'}
