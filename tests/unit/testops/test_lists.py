from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from testops import Api, Pages, listed
from testops.json_values import Json
from tests.fakes.target import Answer, Target

OFFSET = Pages("limit", 3, offset="offset")
PAGE = Pages("size", 3, page="page", first=0)
CURSOR = Pages("limit", 3, cursor="after", following="/next")


def shelf(items: list[Json], cap: int = 100) -> Callable[[str], Answer]:
    """Answers pages of items, however it is asked for them."""

    def answer(target: str) -> Answer:
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        size = min(int(query.get("limit") or query.get("size") or 100), cap)
        start = int(query.get("offset") or query.get("after") or int(query.get("page", 0)) * size)
        following = str(start + size) if start + size < len(items) else None
        page = {"items": items[start : start + size], "next": following}
        return Answer(200, json.dumps(page).encode())

    return answer


def test_a_list_without_pages_is_one_answer(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = Answer(200, b"[1, 2]")

    assert listed(api, "/pets", "") == [1, 2]


@pytest.mark.parametrize("pages", [OFFSET, PAGE, CURSOR])
@pytest.mark.parametrize("count", [0, 2, 3, 8])
def test_all_pages_are_read(api: Api, target: Target, pages: Pages, count: int) -> None:
    target.answers["GET /pets"] = shelf(list(range(count)))

    assert listed(api, "/pets", "/items", pages, query={"kind": "cat"}) == list(range(count))
    assert all("kind=cat" in asked.target for asked in target.asked)


def test_a_page_may_be_smaller_than_it_was_asked_for(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = shelf(list(range(5)), cap=2)

    assert listed(api, "/pets", "/items", OFFSET) == list(range(5))


def test_a_list_that_knows_no_pages_is_read_once(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = Answer(200, b'{"items": [1, 2]}')

    assert listed(api, "/pets", "/items", PAGE) == [1, 2]
    assert len(target.asked) == 2


def test_a_cursor_that_is_missing_ends_the_list(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = Answer(200, b'{"items": [1]}')

    assert listed(api, "/pets", "/items", CURSOR) == [1]


def test_a_long_list_is_not_read_to_its_end(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = shelf(list(range(100)))

    with pytest.raises(pytest.skip.Exception, match="Needs a list of fewer than 60 items at /pets"):
        listed(api, "/pets", "/items", OFFSET)


def test_a_list_that_may_not_be_read_decides_nothing(api: Api, target: Target) -> None:
    target.answers["GET /pets"] = Answer(401)

    with pytest.raises(pytest.skip.Exception, match="Needs credentials"):
        listed(api, "/pets", "")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"items": 7}', "expected a list at /items"),
        (b"{}", "expected a JSON body with /items"),
        (b"<p>", "expected a JSON body with /items"),
    ],
)
def test_a_list_that_is_none_fails(api: Api, target: Target, body: bytes, message: str) -> None:
    target.answers["GET /pets"] = Answer(200, body)

    with pytest.raises(AssertionError, match=message):
        listed(api, "/pets", "/items")
