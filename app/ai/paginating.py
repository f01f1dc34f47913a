"""Finds what a list is cut, ordered and filtered by: query parameters with the usual names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.ai import answers, naming, reading, resources, varying
from app.ai.answers import Listing
from app.ai.material import OperationMaterial
from app.ai.quoting import Expression, literal
from app.openapi.model import Operation, Parameter, Schema
from testops.json_values import Json

SIZES = frozenset({"limit", "perpage", "pagesize", "size", "maxresults", "take", "pagelimit"})
OFFSETS = frozenset({"offset", "skip"})
PAGES = frozenset({"page", "pagenumber", "pageno"})
CURSORS = frozenset(
    {"cursor", "after", "pagetoken", "nexttoken", "startingafter", "continuationtoken", "marker"}
)
_FOLLOWING = frozenset(
    {"next", "nextcursor", "nextpagetoken", "nexttoken", "nextmarker", "continuationtoken"}
)
_MORE = frozenset({"hasmore", "more", "pages", "totalpages", "pagination", "paging", "links"})
SORTS = frozenset({"sort", "sortby", "orderby", "ordering", "order"})
WAYS = frozenset({"order", "direction", "sortorder", "sortdir", "sortdirection", "dir"})
TOTALS = frozenset({"total", "totalcount", "totalitems", "totalresults", "totalelements"})
TOTAL_HEADERS = frozenset({"x-total-count", "x-total", "total-count"})
_FROM_ZERO = re.compile(
    r"\b(?:zero|0)[- ]?(?:based|indexed)|\b(?:start|begin)\w* (?:at|with|from) (?:0|zero)\b",
    re.IGNORECASE,
)
#: Asked for where no most is documented, and never more than the other.
_SIZE, _MOST = 20, 100


@dataclass(frozen=True, slots=True)
class List:
    """An operation that lists the members of a collection."""

    operation: Operation
    listing: Listing
    #: How it is cut: source of `testops.Pages`; empty where it is not.
    pages: str
    #: Whether a page may have one item only, and at least three.
    is_fine: bool
    #: The most that one page may have.
    most: int
    #: The parameter of the page's size; empty for none.
    size: str
    #: Whether all there is can be read: no filter with a default keeps anything back, and it is not
    #: cut in a way that is not known.
    is_whole: bool
    #: Placeholders → what they are called in the check.
    path: Mapping[str, Json]

    @property
    def item(self) -> Mapping[str, Json]:
        """The schema of an item."""
        return self.listing.item

    def properties(self) -> Iterable[tuple[str, Schema]]:
        """Those of an item."""
        found: Mapping[str, Schema] = self.item.get("properties", {})
        return found.items()

    def arguments(self, *, in_pages: bool = True, query: Mapping[str, Json] | None = None) -> str:
        """Source of the arguments by which the SDK asks for it."""
        given = ["api", literal(self.operation.path), literal(self.listing.at)]
        given += [self.pages] if self.pages and in_pages else []
        given += [f"path={literal(self.path)}"] if self.path else []
        given += [f"query={literal(query)}"] if query else []
        return ", ".join(given).replace("{", "{{").replace("}", "}}")

    def all_of(self) -> str:
        """Source of the call that gets all items."""
        return f"listed({self.arguments()})"


def of(
    material: OperationMaterial, path: str, values: Mapping[str, Json] | None = None
) -> List | None:
    """The list at a path, where nothing but its place is required; None where there is none."""
    operation = material.shared.operation(f"GET {path}")
    if operation is None or not path:
        return None
    listing = answers.listing(operation, material.schemas)
    own = OperationMaterial(material.shared, operation, material.operation.key)
    others = [each for each in own.parameters if each.location != "path"]
    if listing is None or any(each.required for each in others):
        return None
    known = dict(values or {})
    for name in reading.placeholders(path):
        known.setdefault(name, Expression(_variable(path, name)))
    return _list(own, operation, listing, known)


def _variable(path: str, name: str) -> str:
    return resources.variable(resources.member_of(path, name), name)


def _list(
    own: OperationMaterial, operation: Operation, listing: Listing, path: Mapping[str, Json]
) -> List:
    query = [each for each in own.parameters if each.location == "query"]
    size = _named(query, SIZES, own, "integer")
    low, high = _bounds(own, size) if size else (1, 0)
    most = min(high or _SIZE, _MOST)
    pages = _pages(own, operation, query, size, most) if size else ""
    usual = SIZES | OFFSETS | PAGES | CURSORS | SORTS | WAYS
    hides = any(
        "default" in _whole(own, each) for each in query if naming.plain(each.name) not in usual
    )
    is_cut = not pages and _is_cut(query, listing)
    is_fine = low <= 1 and most >= 3  # noqa: PLR2004 - fewer items do not show an order of pages
    is_whole = not hides and not is_cut
    return List(operation, listing, pages, is_fine, most, size.name if size else "", is_whole, path)


def _is_cut(query: list[Parameter], listing: Listing) -> bool:
    """Whether anything speaks of pages."""
    asked = {naming.plain(each.name) for each in query} & (SIZES | OFFSETS | PAGES | CURSORS)
    told = {naming.plain(name) for name in listing.around} & (_FOLLOWING | PAGES | SIZES | _MORE)
    return bool(asked or told)


def _pages(
    own: OperationMaterial,
    operation: Operation,
    query: list[Parameter],
    size: Parameter,
    most: int,
) -> str:
    """Source of the way a list is cut; empty where that is not certain."""
    given = [literal(size.name), str(most)]
    if offset := _named(query, OFFSETS, own, "integer"):
        return f"Pages({', '.join(given)}, offset={literal(offset.name)})"
    if page := _named(query, PAGES, own, "integer"):
        first = _first(own, page)
        named = f"page={literal(page.name)}, first={first}"
        return "" if first is None else f"Pages({', '.join(given)}, {named})"
    cursor = _named(query, CURSORS, own, "string")
    around = answers.schema(operation, own.schemas).get("properties", {})
    following = next((name for name in around if naming.plain(name) in _FOLLOWING), None)
    if cursor is None or following is None:
        return ""
    named = f"cursor={literal(cursor.name)}, following={literal(f'/{following}')}"
    return f"Pages({', '.join(given)}, {named})"


def _first(own: OperationMaterial, page: Parameter) -> int | None:
    """The number of the first page, as far as the description says it."""
    whole = _whole(own, page)
    told = whole.get("default", whole.get("minimum"))
    if told in {0, 1}:
        return int(told)
    return 0 if _FROM_ZERO.search(page.description) else None


def _named(
    query: list[Parameter], names: frozenset[str], own: OperationMaterial, kind: str
) -> Parameter | None:
    return next(
        (
            each
            for each in query
            if naming.plain(each.name) in names and kind in reading.kinds(each.schema, own.schemas)
        ),
        None,
    )


def _bounds(own: OperationMaterial, size: Parameter) -> tuple[int, int]:
    whole = _whole(own, size)
    low, high = whole.get("minimum", 1), whole.get("maximum", 0)
    return int(low), int(high)


def _whole(own: OperationMaterial, parameter: Parameter) -> Mapping[str, Json]:
    return varying.whole(parameter.schema, own.schemas)
