"""Lists in pages: a cursor names the last row of a page by its sort keys (keyset paging)."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, literal, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from app.errors import CursorError

T = TypeVar("T")
U = TypeVar("U")

#: Rows on a page where the caller says nothing, and at most.
DEFAULT_LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list; `next_cursor` leads to the next, None on the last."""

    items: Sequence[T]
    next_cursor: str | None

    def map(self, change: Callable[[T], U]) -> Page[U]:
        """The same page with each item changed."""
        return Page([change(item) for item in self.items], self.next_cursor)


@dataclass(frozen=True, slots=True)
class Order:
    """A total order of the rows: the last key must be unique."""

    keys: tuple[SQLColumnExpression[Any], ...]
    descending: bool = False


def page(
    session: Session, statement: Select[T], order: Order, *, cursor: str | None, limit: int
) -> Page[T]:
    """The page after `cursor` (None for the first) of at most `limit` rows.

    Raises CursorError where the cursor is none of this list's.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor:
        statement = statement.where(_after(order, cursor))
    sorted_keys = [key.desc() if order.descending else key.asc() for key in order.keys]
    rows = session.execute(
        statement.add_columns(*order.keys).order_by(*sorted_keys).limit(limit + 1)
    ).all()
    more = len(rows) > limit
    return Page(
        items=[found[0] for found in rows[:limit]],
        next_cursor=_encode(rows[limit - 1][1:]) if more else None,
    )


def _after(order: Order, cursor: str) -> ColumnElement[bool]:
    values = _decode(cursor)
    if len(values) != len(order.keys):
        raise CursorError("This is no cursor of this list.", where="cursor")
    here = tuple_(*order.keys)
    types = [cast("ColumnElement[Any]", key).type for key in order.keys]
    pairs = zip(types, values, strict=True)
    there = tuple_(*(literal(_typed(kind, value), kind) for kind, value in pairs))
    return here < there if order.descending else here > there


def _typed(column: TypeEngine[Any], value: object) -> object:
    kind = column.python_type
    try:
        typed = dt.datetime.fromisoformat(str(value)) if kind is dt.datetime else value
    except ValueError as error:
        raise CursorError("This is no cursor of this list.", where="cursor") from error
    if type(typed) is not kind:
        raise CursorError("This is no cursor of this list.", where="cursor")
    return typed


def _encode(values: Sequence[object]) -> str:
    plain = [value.isoformat() if isinstance(value, dt.datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str) -> list[object]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CursorError("This is no cursor.", where="cursor") from error
    if not isinstance(values, list) or any("\x00" in str(value) for value in values):
        raise CursorError("This is no cursor.", where="cursor")
    return values
