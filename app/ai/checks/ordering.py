"""A list that is asked for in an order is in it."""

from __future__ import annotations

from collections.abc import Iterator

from app.ai import members, naming, orders
from app.ai.checks.check import Found
from app.ai.paginating import List
from app.ai.quoting import literal
from app.ai.requests import Step
from app.ai.scenarios import Line, Scenario
from testops import pointers

_MOST_ORDERS = 4


def checks(found: Found, listing: List, steps: tuple[Step, ...]) -> Iterator[Scenario]:
    """A check for each of the first few orders."""
    for order in orders.of(found, listing)[:_MOST_ORDERS]:
        size = {listing.size: listing.most} if listing.size else {}
        way = "descending" if order.descending else "ascending"
        arguments = listing.arguments(in_pages=False, query={**order.query, **size})
        last = ", descending=True" if order.descending else ""
        pointer = literal(pointers.plain([order.name]))
        yield Scenario(
            name=f"ordered by {order.name} {way}",
            intent=f"The list is in {way} order of {naming.slug(order.name).replace('_', ' ')}.",
            source=_pointer(found, next(iter(order.query))),
            lines=(
                Line(f"items = listed({arguments})"),
                Line(""),
                Line(f"state.ordered(items, {members.code(pointer)}{last})"),
            ),
            steps=steps,
        )


def _pointer(found: Found, name: str) -> str:
    return next(each.pointer for each in found.material.parameters if each.name == name)
