"""Reads from a list's parameters what it can be ordered by, and in which direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.ai import naming, paginating, reading, varying
from app.ai.checks.check import Found
from app.ai.paginating import List
from app.openapi.model import Parameter
from testops.json_values import Json

_SUFFIX_DESCENDING = ("_desc", "_descending")
_SUFFIX_ASCENDING = ("_asc", "_ascending")
_WAYS = frozenset({"asc", "ascending", "desc", "descending"})


@dataclass(frozen=True, slots=True)
class Order:
    """One way to order a list."""

    name: str
    descending: bool
    query: Mapping[str, Json]


def of(found: Found, listing: List) -> list[Order]:
    """The orders that the description tells the direction of, the descending ones first."""
    query = [each for each in found.material.parameters if each.location == "query"]
    sort = next((each for each in query if values_of(found, each) and _is_sort(each, query)), None)
    if sort is None:
        return []
    way = next(
        (each for each in query if each is not sort and naming.plain(each.name) in paginating.WAYS),
        None,
    )
    values = [value for value in values_of(found, sort) if isinstance(value, str)]
    orders: list[Order] = []
    for value in values:
        text, descending = _read(value, values)
        name = _property(found, listing, text)
        orders.extend(_order(_Sort(sort, way, value), name, descending, found))
    return sorted(orders, key=lambda order: (not order.descending, order.name.lower() == "id"))


def _is_sort(parameter: Parameter, query: list[Parameter]) -> bool:
    """Whether a parameter names what a list is ordered by, not only the direction."""
    name = naming.plain(parameter.name)
    others = [each for each in query if each is not parameter]
    says_way = any(naming.plain(each.name) in paginating.SORTS for each in others)
    return name in paginating.SORTS and not (name in paginating.WAYS and says_way)


@dataclass(frozen=True, slots=True)
class _Sort:
    """A value of the parameter that orders, and the parameter of the direction."""

    parameter: Parameter
    way: Parameter | None
    value: str


def _order(sort: _Sort, name: str, direction: bool | None, found: Found) -> Iterator[Order]:  # noqa: FBT001 - None is unknown
    """The orders that one value stands for, as far as their directions are told."""
    query = {sort.parameter.name: sort.value}
    if name and direction is not None:
        yield Order(name, direction, query)
    elif name and sort.way:
        for each in values_of(found, sort.way):
            if isinstance(each, str) and each.lower() in _WAYS:
                yield Order(name, each.lower().startswith("desc"), {**query, sort.way.name: each})


def _read(value: str, values: list[str]) -> tuple[str, bool | None]:
    """The property that a value names, and whether descending; None where it does not say."""
    if value.startswith("-"):
        return value[1:], True
    plain = naming.slug(naming.split(value))
    for suffixes, descending in ((_SUFFIX_DESCENDING, True), (_SUFFIX_ASCENDING, False)):
        for suffix in suffixes:
            if plain.endswith(suffix):
                return plain.removesuffix(suffix), descending
    return value.lstrip("+"), False if f"-{value}" in values or value.startswith("+") else None


def _property(found: Found, listing: List, text: str) -> str:
    """The scalar property of an item that a value names; empty where there is none."""
    properties = listing.item.get("properties", {})
    wanted = naming.plain(text)
    for name, each in properties.items():
        kinds = reading.kinds(each, found.material.schemas) - {"null"}
        is_scalar = bool(kinds) and kinds <= {"string", "integer", "number"}
        has_order = not {"enum", "const"} & varying.whole(each, found.material.schemas).keys()
        if naming.plain(name) == wanted and is_scalar and has_order:
            return str(name)
    return ""


def values_of(found: Found, parameter: Parameter | None) -> list[Json]:
    """The values that a parameter may have, where they are listed."""
    whole = varying.whole(parameter.schema, found.material.schemas) if parameter else {}
    values = whole.get("enum", [])
    return list(values)
