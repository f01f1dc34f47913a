from __future__ import annotations

import pytest

from app.ai import orders, paginating
from app.openapi.model import Parameter, Schema
from tests.factories.descriptions import parameter
from tests.factories.resources import NUMBER, TEXT, listing
from tests.unit.app.ai.test_paginating import found

ITEM: Schema = {
    "properties": {
        "id": NUMBER,
        "bornAt": TEXT,
        "kind": {"type": "string", "enum": ["cat", "dog"]},
        "tags": {"type": "array"},
    }
}


def choice(name: str, *values: object) -> Parameter:
    return parameter(name, schema={"enum": list(values)}, required=False)


def told(*parameters: Parameter) -> list[str]:
    """The orders as "property direction query"."""
    own = found(listing(ITEM, *parameters))
    made = paginating.of(own.material, "/pets")
    assert made is not None
    return [
        f"{order.name} {'down' if order.descending else 'up'} {dict(order.query)}"
        for order in orders.of(own, made)
    ]


WAY = choice("order", "asc", "desc", 1)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            (choice("sort", "id", "-id", "born_at"),),
            ["id down {'sort': '-id'}", "id up {'sort': 'id'}"],
        ),
        ((choice("sort", "+bornAt"),), ["bornAt up {'sort': '+bornAt'}"]),
        (
            (choice("sort_by", "born_at_desc", "born_at_asc"),),
            ["bornAt down {'sort_by': 'born_at_desc'}", "bornAt up {'sort_by': 'born_at_asc'}"],
        ),
        (
            (choice("sort", "born_at", 7), WAY),
            [
                "bornAt down {'sort': 'born_at', 'order': 'desc'}",
                "bornAt up {'sort': 'born_at', 'order': 'asc'}",
            ],
        ),
        ((choice("order", "-kind", "-tags", "-age"),), []),
        ((choice("sort", "born_at"),), []),
        ((WAY,), []),
        ((parameter("sort", required=False),), []),
        ((), []),
    ],
)
def test_an_order_has_a_property_and_a_direction(
    parameters: tuple[Parameter, ...], expected: list[str]
) -> None:
    assert told(*parameters) == expected
