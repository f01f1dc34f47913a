"""A filter that is named after a property of the items lets only those with its value through.

Only where the filter's values are listed, or true and false: a free text may be looked for in many
ways. Values that stand for all are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.ai import naming, orders, paginating, reading, varying
from app.ai.checks.check import Found
from app.ai.paginating import List
from app.ai.quoting import Expression
from app.ai.requests import Step
from app.ai.scenarios import Line, Scenario, Value
from app.openapi.model import Parameter
from testops.json_values import Json

#: Values of a filter that stand for all.
_ALL = frozenset({"all", "any", "both", "none", "*"})
#: Words by which a parameter says that others are listed too.
_WIDENS = re.compile(
    r"\b(?:includ\w+|also|too|as well|at least|at most|or (?:more|less|higher|lower|above|below)"
    r"|minimum|maximum|exclud\w+|boost|prefer\w*|highlight\w*)\b",
    re.IGNORECASE,
)
_MOST_VALUES = 4
_MOST_FILTERS = 3


def checks(found: Found, listing: List, steps: tuple[Step, ...]) -> Iterator[Scenario]:
    """A check for each of the first few filters."""
    filters = [each for each in found.material.parameters if _values(found, listing, each)]
    for parameter in filters[:_MOST_FILTERS]:
        values = _values(found, listing, parameter)
        query = {parameter.name: Expression("value")}
        size = {listing.size: listing.most} if listing.size else {}
        arguments = listing.arguments(in_pages=False, query={**query, **size})
        held = Value({_filter_name(listing, parameter): Expression("value")}, "filter")
        yield Scenario(
            name=f"filtered by {parameter.name}",
            intent=f"With {naming.slug(parameter.name)} only the items that have it are listed.",
            source=parameter.pointer,
            lines=(
                Line("for value in {}:", (Value(values, "values"),)),
                Line(f"    items = listed({arguments})"),
                Line("    state.each_holds(items, {})", (held,)),
            ),
            steps=steps,
        )


def _values(found: Found, listing: List, parameter: Parameter) -> list[Json]:
    """The values that a filter may have and items may hold; empty where it is no such filter."""
    name = _filter_name(listing, parameter)
    if parameter.location != "query" or not name or _WIDENS.search(parameter.description):
        return []
    held = varying.whole(listing.item.get("properties", {})[name], found.material.schemas)
    asked = orders.values_of(found, parameter)
    if "items" in held:
        held = varying.whole(held["items"], found.material.schemas)
    if "boolean" in reading.kinds(parameter.schema, found.material.schemas):
        return [True, False] if held.get("type") == "boolean" else []
    known = held.get("enum")
    fitting = [each for each in asked if isinstance(each, str) and each.lower() not in _ALL]
    return [each for each in fitting if known is None or each in known][:_MOST_VALUES]


def _filter_name(listing: List, parameter: Parameter) -> str:
    wanted = naming.plain(parameter.name)
    used = paginating.SORTS | paginating.WAYS | paginating.SIZES | paginating.PAGES
    properties = listing.item.get("properties", {})
    same = (name for name in properties if naming.plain(name) == wanted)
    return "" if wanted in used else next(same, "")
