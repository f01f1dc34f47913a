import base64
import json

import pytest
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from app.errors import CursorError
from app.models import User
from app.services import paging
from tests.factories import rows

BY_TIME = paging.Order((User.created_at, User.id), descending=True)
BY_NAME = paging.Order((User.name, User.id))


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def walk(session: Session, order: paging.Order, limit: int) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = paging.page(session, select(User), order, cursor=cursor, limit=limit)
        found += [user.id for user in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("order", [BY_TIME, BY_NAME])
@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_hold_every_row_once_and_in_order(
    session: Session, order: paging.Order, limit: int
) -> None:
    made = {rows.user(session, name=name).id for name in "abcab"}
    walked = walk(session, order, limit)
    assert sorted(walked) == sorted(made)
    assert walked == walk(session, order, 100)


def test_rows_made_at_one_moment_are_neither_lost_nor_doubled(session: Session) -> None:
    """All rows of a transaction have the same time; the identifier decides between them."""
    made = [rows.user(session).id for _ in range(4)]
    assert walk(session, BY_TIME, 2) == sorted(made, reverse=True)


def test_a_limit_out_of_bounds_is_brought_into_them(session: Session) -> None:
    for _ in range(3):
        rows.user(session)
    assert len(paging.page(session, select(User), BY_TIME, cursor=None, limit=0).items) == 1
    assert len(paging.page(session, select(User), BY_TIME, cursor=None, limit=10**9).items) == 3


def test_the_items_of_a_page_can_be_changed() -> None:
    assert paging.Page([1, 2], "c").map(str) == paging.Page(["1", "2"], "c")


@pytest.mark.parametrize(
    "cursor",
    [
        "%%%",
        "abc",
        "ä",
        encoded({"a": 1}),
        encoded("ab"),
        encoded([]),
        encoded(["2026-01-01T00:00:00+00:00"]),
        encoded(["yesterday", "x"]),
        encoded([5, "x"]),
        encoded(["2026-01-01T00:00:00+00:00", 7]),
        encoded(["2026-01-01T00:00:00+00:00", "a\x00"]),
        pytest.param(base64.urlsafe_b64encode(b"[" * 100_000).decode(), id="deep"),
    ],
)
def test_what_is_no_cursor_of_the_list_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(CursorError) as caught:
        paging.page(session, select(User), BY_TIME, cursor=cursor, limit=1)
    assert caught.value.where == "cursor"


def test_a_cursor_of_numbers_takes_no_truth_value(session: Session) -> None:
    order = paging.Order((literal(1), User.id))
    with pytest.raises(CursorError):
        paging.page(session, select(User), order, cursor=encoded([True, "x"]), limit=1)
