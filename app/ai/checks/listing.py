"""A list is cut, counted, ordered and filtered as its parameters say.

Written for a GET that lists a collection and whose parameters have the usual names. Three resources
are created first where that is obvious; otherwise what is there has to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.ai import naming, paginating, plenty, reading
from app.ai.checks import filtering, ordering
from app.ai.checks.check import Found
from app.ai.paginating import List
from app.ai.quoting import literal
from app.ai.requests import Step
from app.ai.scenarios import Line, Scenario
from testops import pointers


def checks(found: Found) -> Iterator[Scenario]:
    """The checks of a list."""
    operation = found.material.operation
    if operation.method != "GET" or found.inputs.lacking:
        return
    steps, path = plenty.around(found)
    listing = paginating.of(found.material, operation.path, path)
    if listing is None or set(path) != set(reading.placeholders(operation.path)):
        return
    filled = plenty.several(found, listing) or steps
    yield from _complete(found, listing, filled)
    yield from _counted(found, listing, filled)
    yield from ordering.checks(found, listing, filled)
    yield from filtering.checks(found, listing, filled)


def _complete(found: Found, listing: List, steps: tuple[Step, ...]) -> Iterator[Scenario]:
    if not listing.pages or not listing.is_fine:
        return
    name = _id_of(listing)
    by = f", by={literal(pointers.plain([name]))}" if name else ""
    yield Scenario(
        name="pages are complete",
        intent="Small pages together hold what a large one holds, each item once.",
        source=_pointer(found, listing.size),
        lines=(Line(f"state.complete({listing.arguments()}{by})"),),
        steps=steps,
    )


def _counted(found: Found, listing: List, steps: tuple[Step, ...]) -> Iterator[Scenario]:
    total = _total(found, listing)
    if not total or not listing.pages or not listing.is_fine:
        return
    bare = replace(listing, listing=replace(listing.listing, at=total))
    yield Scenario(
        name="total counts all",
        intent="The total is that of all pages, however large one page is.",
        source=_pointer(found, listing.size),
        lines=(Line(f"state.counted({bare.arguments()})"),),
        steps=steps,
    )


def _total(found: Found, listing: List) -> str:
    """Where the answer says how many items there are: a pointer or a header; empty for nowhere."""
    for name in listing.listing.around:
        if naming.plain(name) in paginating.TOTALS:
            return pointers.plain([name])
    headers = (
        header.name
        for response in found.material.operation.responses
        if response.status.startswith("2")
        for header in response.headers
    )
    return next((name for name in headers if name.lower() in paginating.TOTAL_HEADERS), "")


def _id_of(listing: List) -> str:
    properties = listing.item.get("properties", {})
    return next((name for name in ("id", "uuid", "_id") if name in properties), "")


def _pointer(found: Found, name: str) -> str:
    return next(each.pointer for each in found.material.parameters if each.name == name)
