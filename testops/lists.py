"""Reads lists: one page, or all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Unpack

import pytest

from testops import expect, judging, pointers
from testops.client import Api, RequestParts, Response
from testops.json_values import Json

#: A longer list is not read to its end.
_MAX_PAGES = 20


@dataclass(frozen=True, slots=True)
class Pages:
    """How a list is cut into pages: the names of the query parameters that say so.

    `Pages("limit", 50, offset="offset")` or `Pages("per_page", 50, page="page", first=1)` or
    `Pages("limit", 50, cursor="after", following="/next")`.
    """

    #: How many items a page has at most.
    size: str
    #: The most that may be asked for.
    most: int
    #: How many items are left out before the page begins.
    offset: str = ""
    #: The number of the page, and that of the first.
    page: str = ""
    first: int = 1
    #: Where the page begins, as the page before it says at the JSON pointer `following`.
    cursor: str = ""
    following: str = ""

    def query(self, size: int, number: int, seen: int, following: Json) -> dict[str, Json]:
        """The parameters of a page, of which there were `number` before with `seen` items."""
        asked: dict[str, Json] = {self.size: size}
        if number and self.offset:
            asked[self.offset] = seen
        elif number and self.page:
            asked[self.page] = self.first + number
        elif number:
            asked[self.cursor] = following
        return asked


def listed(
    api: Api,
    path_template: str,
    pointer: str,
    pages: Pages | None = None,
    **parts: Unpack[RequestParts],
) -> list[Json]:
    """The items that GET on a path lists, at a JSON pointer in the answer, of all pages.

    Skips where the list cannot be read, or is too long to be read to its end.
    """
    if pages is None:
        return items_of(api.get(path_template, **parts), pointer)
    found: list[Json] = []
    walked = walk(api, path_template, pointer, pages, pages.most, **parts)
    for number, items in enumerate(walked, start=1):
        new = [item for item in items if item not in found]
        found.extend(new)
        if not new:
            return found
        if number == _MAX_PAGES:
            pytest.skip(f"Needs a list of fewer than {len(found)} items at {path_template}.")
    return found


def walk(
    api: Api,
    path_template: str,
    pointer: str,
    pages: Pages,
    size: int,
    **parts: Unpack[RequestParts],
) -> Iterator[list[Json]]:
    """The items of one page after the other, for as long as there is a next one."""
    query = parts.get("query", {})
    number, seen, following = 0, 0, None
    while True:
        asked = pages.query(size, number, seen, following)
        parts["query"] = {**query, **asked}
        response = api.get(path_template, **parts)
        items = items_of(response, pointer)
        yield items
        number, seen = number + 1, seen + len(items)
        following = _following(response, pages)
        if pages.cursor and following in {None, "", False}:
            return


def items_of(response: Response, pointer: str) -> list[Json]:
    """The list at a JSON pointer in an answer."""
    __tracebackhide__ = True
    expect.success(response)
    items = value_in(response, pointer)
    if not isinstance(items, list):
        judging.fail(response, f"expected a list at {pointer or 'the top'}")
    return items


def value_in(response: Response, pointer: str) -> Json:
    """The value at a JSON pointer in an answer."""
    __tracebackhide__ = True
    try:
        return pointers.value_at(response.json(), pointer)
    except (ValueError, LookupError):
        judging.fail(response, f"expected a JSON body with {pointer or 'a value'}")


def _following(response: Response, pages: Pages) -> Json:
    try:
        return pointers.value_at(response.json(), pages.following) if pages.cursor else None
    except LookupError:
        return None
