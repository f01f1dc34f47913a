"""Rows and values given to a statement as arrays: its text is the same however many they are.

A statement of fixed text is compiled once, and one of many rows costs hardly more than one of one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, any_, cast, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def table(
    name: str, types: Mapping[str, TypeEngine[Any]], rows: Collection[Sequence[object]]
) -> TableValuedAlias:
    """`rows` as a table called `name`, whose columns are of these types, in their order."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(types)
    arrays = [
        cast(list(values), ARRAY(kind))
        for kind, values in zip(types.values(), columns, strict=True)
    ]
    named = [column(each, kind) for each, kind in types.items()]
    return func.unnest(*arrays).table_valued(*named, name=name).render_derived()


def is_one_of(values: InstrumentedAttribute[str], wanted: Collection[str]) -> ColumnElement[bool]:
    """The condition that a column of texts holds one of those wanted."""
    return values == any_(cast(list(wanted), ARRAY(values.type)))
