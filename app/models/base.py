"""The declarative base, and the column kinds every table shares."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from sqlalchemy import DateTime, ForeignKey, MetaData, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column


def new_id() -> str:
    """A random identifier (UUID 4, RFC 9562) in its usual text form."""
    return str(uuid.uuid4())


Id = Annotated[str, mapped_column(String(36), primary_key=True, default=new_id)]
CreatedAt = Annotated[
    dt.datetime,
    mapped_column(DateTime(timezone=True), server_default=func.now(), index=True),
]
Moment = Annotated[dt.datetime, mapped_column(DateTime(timezone=True))]
#: Any JSON value; the column's module says which shape.
Json = Annotated[Any, mapped_column(JSONB)]


def owned_by(table: str, *, optional: bool = False) -> Any:  # noqa: ANN401 - a mapped column has no simpler type
    """A column that refers to a row of `table` and goes with it (or is emptied when optional)."""
    gone = "SET NULL" if optional else "CASCADE"
    return mapped_column(
        String(36), ForeignKey(f"{table}.id", ondelete=gone), index=True, nullable=optional
    )


class Base(DeclarativeBase):
    """Every table; constraint names follow one scheme, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
