from __future__ import annotations

import pytest

from app.ai import inputs, paginating
from app.ai.checks.check import Found
from app.ai.material import Material, OperationMaterial
from app.openapi.model import Operation, Parameter, Schema
from tests.factories.descriptions import describe, parameter
from tests.factories.resources import NUMBER, TEXT, listing


def query(name: str, words: str = "", **schema: object) -> Parameter:
    """An optional parameter, a number unless told otherwise."""
    made = parameter(name, schema={"type": "integer", **schema}, required=False)
    return Parameter(**{**_fields(made), "description": words})  # type: ignore[arg-type]


def _fields(made: Parameter) -> dict[str, object]:
    return {name: getattr(made, name) for name in made.__slots__}


def found(own: Operation) -> Found:
    material = OperationMaterial(Material(describe(own), 0), own)
    return Found(material, inputs.gathered(material))


LIMIT = query("limit", minimum=1, maximum=50)
CURSOR = query("cursor", type="string")


@pytest.mark.parametrize(
    ("parameters", "pages"),
    [
        ((LIMIT, query("offset")), "Pages('limit', 50, offset='offset')"),
        ((query("per_page"), query("skip")), "Pages('per_page', 20, offset='skip')"),
        ((query("size", maximum=999), query("offset")), "Pages('size', 100, offset='offset')"),
        ((LIMIT, query("page", default=1)), "Pages('limit', 50, page='page', first=1)"),
        ((LIMIT, query("page", minimum=0)), "Pages('limit', 50, page='page', first=0)"),
        ((LIMIT, query("page", "It starts at 0.")), "Pages('limit', 50, page='page', first=0)"),
        ((LIMIT, query("page")), ""),
        ((LIMIT, query("page", default=7)), ""),
        ((LIMIT, CURSOR), "Pages('limit', 50, cursor='cursor', following='/next')"),
        ((LIMIT,), ""),
        ((query("offset"),), ""),
        ((), ""),
    ],
)
def test_a_list_is_cut_as_its_parameters_say(parameters: tuple[Parameter, ...], pages: str) -> None:
    own = found(listing(None, *parameters, next=TEXT))

    made = paginating.of(own.material, "/pets")

    assert made is not None
    assert made.pages == pages
    assert made.is_whole == bool(pages)


def test_a_cursor_that_no_answer_tells_cuts_nothing() -> None:
    own = found(listing(None, LIMIT, CURSOR, total=NUMBER))

    made = paginating.of(own.material, "/pets")

    assert made is not None
    assert made.pages == ""


@pytest.mark.parametrize(
    ("size", "is_fine"),
    [(LIMIT, True), (query("limit", minimum=2), False), (query("limit", maximum=2), False)],
)
def test_only_fine_pages_show_whether_they_are_complete(size: Parameter, *, is_fine: bool) -> None:
    made = paginating.of(found(listing(None, size)).material, "/pets")

    assert made is not None
    assert made.is_fine == is_fine


def test_where_nothing_is_listed_nothing_is_cut() -> None:
    item: Schema = {"properties": {"id": NUMBER}}

    assert paginating.of(found(listing(item)).material, "") is None
    assert paginating.of(found(listing(item)).material, "/others") is None
