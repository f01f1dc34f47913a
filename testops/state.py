"""Expectations on what the API keeps: several answers held against each other and what was sent.

Each raises AssertionError saying what was expected and what came. Where somebody else changes a
list in the meantime, or too little is there to tell, the check is skipped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations, islice
from typing import Unpack
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from testops import addresses, expect, judging, lists, pointers
from testops.client import Api, RequestParts, Response
from testops.json_values import Json
from testops.likeness import differences, is_same
from testops.lists import Pages, value_in

#: Pages of this size are held against one that has as many items as some of them together.
_SMALL = 2
_LARGE = 6
#: Fewer items do not show whether pages are complete.
_FEWEST = 3
#: Refusals because of what was sent.
_REFUSALS = frozenset({400, 403, 409, 422})


def holds(response: Response, values: Json, at: str = "") -> None:
    """The answer is a success and holds these values, at a JSON pointer or at its top."""
    __tracebackhide__ = True
    expect.success(response)
    wrong = list(differences(values, value_in(response, at)))
    if wrong:
        judging.fail(response, "expected what was sent before", *wrong)


def lacks(response: Response, values: Mapping[str, Json], at: str = "") -> None:
    """The answer is a success and holds none of these values."""
    __tracebackhide__ = True
    expect.success(response)
    found = value_in(response, at)
    kept = [name for name, value in values.items() if _has(found, name, value)]
    if kept:
        lines = [f"at {at}/{name}: {values[name]!r}" for name in kept]
        judging.fail(response, "expected other values than these", *lines)


def not_taken(response: Response, values: Mapping[str, Json], at: str = "") -> None:
    """The request was refused, or was a success that holds none of these values."""
    __tracebackhide__ = True
    if response.status in _REFUSALS:
        return
    lacks(response, values, at)


def not_obtained(
    response: Response, before: Response, values: Mapping[str, Json], at: str = ""
) -> None:
    """The request was refused, or its outcome holds none of these values that was not there before.

    Both are read at the same JSON pointer.
    """
    __tracebackhide__ = True
    if response.status in _REFUSALS:
        return
    expect.success(before)
    had = value_in(before, at)
    lacks(
        response, {name: value for name, value in values.items() if not _has(had, name, value)}, at
    )


def unchanged(response: Response, before: Response, *but: str) -> None:
    """Both answers are successes and hold the same, apart from properties of some names.

    An instant may have become another one: it says when something was asked for.
    """
    __tracebackhide__ = True
    expect.success(before)
    expect.success(response)
    old, new = _without(value_in(before, ""), but), _without(value_in(response, ""), but)
    wrong = [*differences(old, new, timeless=True), *differences(new, old, timeless=True)]
    if wrong:
        judging.fail(response, "expected the same as before", *dict.fromkeys(wrong))


def located(api: Api, response: Response, path_template: str) -> Response:
    """What GET on the address in Location answers; held against the operation of the template.

    Skips where there is no Location, or where it leads away from the API's base URL.
    """
    location = response.headers.get("Location")
    if location is None:
        pytest.skip(f"Needs a Location: {response}.")
    path, query = _below(api, response, location)
    values = addresses.values_in(path_template, path)
    if values is not None and not query:
        return api.get(path_template, path={name: unquote(text) for name, text in values.items()})
    return _got(api, path, query)


def led_to(api: Api, response: Response, pointer: str) -> Response:
    """What GET answers on the address that stands at a JSON pointer in an answer.

    Skips where there is none, or where it leads away from the API's base URL.
    """
    try:
        address = pointers.value_at(response.json(), pointer)
    except (ValueError, LookupError):
        address = None
    if not isinstance(address, str) or not address:
        pytest.skip(f"Needs an address at {pointer}: {response}.")
    return _got(api, *_below(api, response, address))


def _got(api: Api, path: str, query: str) -> Response:
    plain = path.replace("{", "%7B").replace("}", "%7D")
    return api.get(f"{plain}?{query}" if query else plain)


def _below(api: Api, response: Response, address: str) -> tuple[str, str]:
    """Path and query of an address, as they stand in it, seen from the API's base URL."""
    base, target = urlsplit(api.base_url), urlsplit(urljoin(response.url, address))
    prefix = base.path.rstrip("/")
    if target.netloc != base.netloc or not target.path.startswith(f"{prefix}/"):
        pytest.skip(f"Needs an address below {api.base_url}: {response} with {address}.")
    return target.path.removeprefix(prefix), target.query


def each_holds(items: Sequence[Json], values: Mapping[str, Json]) -> None:
    """Every item that says so holds these values; of a list in an item, one does."""
    __tracebackhide__ = True
    for place, item in enumerate(items):
        told = [name for name in values if not isinstance(item, Mapping) or name in item]
        if not all(_has(item, name, values[name], inside=True) for name in told):
            _fail(f"expected only items with {dict(values)}, but item {place} is {item!r}")


def some_holds(items: Sequence[Json], values: Mapping[str, Json]) -> None:
    """One of the items holds these values."""
    __tracebackhide__ = True
    if not any(_has_all(item, values) for item in items):
        _fail(f"expected an item with {dict(values)} among {len(items)}, but there is none")


def none_holds(items: Sequence[Json], values: Mapping[str, Json]) -> None:
    """None of the items holds these values."""
    __tracebackhide__ = True
    found = next((item for item in items if _has_all(item, values)), None)
    if found is not None:
        _fail(f"expected no item with {dict(values)}, but there is {found!r}")


def ordered(items: Sequence[Json], pointer: str, *, descending: bool = False) -> None:
    """The items are in the order of the value at a JSON pointer in each.

    Values count only as far as every collation agrees: numbers, and texts that first differ in
    digits or ASCII letters. Skips where no two items show an order.
    """
    __tracebackhide__ = True
    values = [value for item in items if (value := _value(item, pointer)) is not None]
    told = [
        (one, other, order)
        for one, other in combinations(values, 2)
        if (order := _order(one, other))
    ]
    if not told:
        pytest.skip(f"Needs items that differ in {pointer}.")
    wrong = next((pair for pair in told if pair[2] == (1 if not descending else -1)), None)
    if wrong:
        way = "descending" if descending else "ascending"
        _fail(f"expected {pointer} in {way} order, but {wrong[0]!r} stands before {wrong[1]!r}")


def complete(
    api: Api,
    path_template: str,
    pointer: str,
    pages: Pages,
    by: str = "",
    **parts: Unpack[RequestParts],
) -> None:
    """Small pages together hold what one large page holds, each item once.

    Items are told apart by the value at the pointer `by` in each.
    """
    __tracebackhide__ = True
    whole = _first(api, path_template, pointer, pages, by, **parts)
    if len(whole) < _FEWEST:
        pytest.skip(f"Needs at least {_FEWEST} items at {path_template}.")
    walked = lists.walk(api, path_template, pointer, pages, _SMALL, **parts)
    small = [_keys(page, by) for page in islice(walked, -(-len(whole) // _SMALL))]
    joined = [key for page in small for key in page]
    wrong = [
        *(f"a page of {_SMALL} holds {len(page)} items" for page in small if len(page) > _SMALL),
        *(f"{key!r} is on no page" for key in whole if key not in joined),
        *(f"{key!r} is on two pages" for key in whole if joined.count(key) > 1),
    ]
    if wrong and _first(api, path_template, pointer, pages, by, **parts) != whole:
        pytest.skip(f"Needs a list at {path_template} that nobody else changes.")
    if wrong:
        _fail(f"expected the pages of {path_template} to be complete: {'; '.join(wrong[:3])}")


def counted(
    api: Api, path_template: str, pointer: str, pages: Pages, **parts: Unpack[RequestParts]
) -> None:
    """The total, at a JSON pointer or in a header, is the same however large the page is."""
    __tracebackhide__ = True
    query = parts.get("query", {})
    sizes = [1, min(_LARGE, pages.most), 1]
    answers = []
    for size in sizes:
        parts["query"] = {**query, pages.size: size}
        answers.append(api.get(path_template, **parts))
    one, many, again = (_total(answer, pointer) for answer in answers)
    if one != again:
        pytest.skip(f"Needs a list at {path_template} that nobody else changes.")
    if one != many:
        line = f"{one!r} for a page of 1, {many!r} for a page of {sizes[1]}"
        judging.fail(answers[1], f"expected the total {pointer} of all pages", line)


def _first(
    api: Api,
    path_template: str,
    pointer: str,
    pages: Pages,
    by: str,
    **parts: Unpack[RequestParts],
) -> list[Json]:
    """What tells the items of one large page apart."""
    size = min(_LARGE, pages.most)
    return _keys(next(lists.walk(api, path_template, pointer, pages, size, **parts)), by)


def _keys(items: Sequence[Json], by: str) -> list[Json]:
    return [_value(item, by) for item in items]


def _total(response: Response, pointer: str) -> Json:
    __tracebackhide__ = True
    expect.success(response)
    return value_in(response, pointer) if pointer[:1] == "/" else response.headers.get(pointer)


def _value(item: Json, pointer: str) -> Json:
    try:
        return pointers.value_at(item, pointer)
    except LookupError:
        return None


def _order(one: Json, other: Json) -> int:
    """-1 for ascending, 1 for descending, 0 where that is not certain."""
    if isinstance(one, str) and isinstance(other, str):
        # Some collations tell capitals from small letters first of all, others last.
        orders = {_order_of_texts(one, other), _order_of_texts(one.casefold(), other.casefold())}
        return orders.pop() if len(orders) == 1 else 0
    return _order_of(one, other) if _is_number(one) and _is_number(other) else 0


def _order_of_texts(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    first, second = next(((a, b) for a, b in pairs if a != b), ("", ""))
    # Some collations take digits in a row as a number.
    is_told = _are_letters(first, second) or (len(one) == len(other) and _are_digits(first, second))
    return _order_of(first, second) if is_told else 0


def _order_of(one: Json, other: Json) -> int:
    return int(one > other) - int(one < other)


def _are_digits(one: str, other: str) -> bool:
    return all(char.isascii() and char.isdigit() for char in (one, other))


def _are_letters(one: str, other: str) -> bool:
    return all(char.isascii() and char.isalpha() for char in (one, other))


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has(item: Json, name: str, value: Json, *, inside: bool = False) -> bool:
    found = item.get(name) if isinstance(item, Mapping) else None
    if inside and isinstance(found, list) and not isinstance(value, list):
        return any(is_same(value, each) for each in found)
    return isinstance(item, Mapping) and name in item and is_same(value, found)


def _has_all(item: Json, values: Mapping[str, Json]) -> bool:
    return all(_has(item, name, value) for name, value in values.items())


def _without(value: Json, names: Collection[str]) -> Json:
    if not isinstance(value, Mapping):
        return value
    return {name: each for name, each in value.items() if name not in names}


def _fail(message: str) -> None:
    __tracebackhide__ = True
    raise AssertionError(f"{message[:1].upper()}{message[1:]}.")
