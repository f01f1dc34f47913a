"""Finds one row by its identifier, or says that there is none."""

from __future__ import annotations

import re
from typing import TypeVar

from sqlalchemy.orm import Session

from app.errors import NotFoundError
from app.models.base import Base

Row = TypeVar("Row", bound=Base)

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def row(session: Session, kind: type[Row], identifier: str, *, lock: bool = False) -> Row:
    """The row of `kind`; with `lock`, held against other writers until the transaction ends.

    Raises NotFoundError, also for text that is no identifier at all.
    """
    found = None
    if _ID.fullmatch(identifier):
        found = session.get(
            kind,
            identifier,
            with_for_update={"key_share": True} if lock else None,
            populate_existing=lock,
        )
    if found is None:
        raise NotFoundError(f"There is no such {_word(kind)}.", where=identifier[:100])
    return found


def _word(kind: type[Base]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower().replace("api", "API")
