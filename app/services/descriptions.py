"""API descriptions: read once, stored whole, opened again for the writer.

Reading (`read_url`, `read_bytes`) needs no session, so that no transaction waits for a network.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.ai import contracts
from app.domain.network import NetworkPolicy
from app.models.api_description import ApiDescription
from app.models.base import new_id
from app.models.operation import Operation
from app.openapi import fetching, loading, model
from app.services import lookup, paging
from app.services.text import storable, storable_json
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Reading:
    """An API description that was read and is not stored yet."""

    data: bytes
    source_url: str
    description: model.ApiDescription


def read_url(url: str, settings: Settings) -> Reading:
    """Fetch and read a description; private addresses only where the settings allow them.

    Blocks for seconds. Raises DescriptionError, or another PlatformError where the URL fails.
    """
    policy = fetching.FetchPolicy(NetworkPolicy(settings.allowed_private_hosts))
    fetched = fetching.fetch(url, policy=policy)
    return read_bytes(fetched.data, source_url=fetched.url)


def read_bytes(data: bytes, *, source_url: str = "") -> Reading:
    """Read a description; raises DescriptionError."""
    return Reading(data, source_url, loading.load_bytes(data, origin=source_url))


def add(session: Session, reading: Reading, *, user_id: str | None = None) -> ApiDescription:
    """Store a description with its operations."""
    read = reading.description
    row = ApiDescription(
        id=new_id(),
        title=storable(read.title or "Untitled API", 300),
        version=storable(read.version, 100),
        dialect=read.dialect,
        source_url=storable(reading.source_url, 2000),
        document=zlib.compress(reading.data),
        contract=zlib.compress(json.dumps(contracts.contract_of(read)).encode()),
        digest=hashlib.sha256(reading.data).hexdigest(),
        servers=storable_json(read.servers),
        operations_count=len(read.operations),
        problems=[
            {"pointer": storable(problem.pointer, 4000), "message": storable(problem.message, 4000)}
            for problem in read.problems
        ],
        created_by=user_id,
    )
    session.add(row)
    session.flush()
    _add_operations(session, row.id, read.operations)
    return row


def _add_operations(
    session: Session, description_id: str, operations: Sequence[model.Operation]
) -> None:
    rows = [
        {
            "id": new_id(),
            "api_description_id": description_id,
            "position": position,
            "key": storable(operation.key),
            "method": storable(operation.method),
            "path": storable(operation.path),
            "summary": storable(operation.summary, 1000),
            "pointer": storable(operation.pointer, 4000),
            "tags": storable_json(operation.tags),
            "deprecated": operation.deprecated,
        }
        for position, operation in enumerate(operations)
    ]
    if rows:
        session.execute(insert(Operation), rows)


def get(session: Session, description_id: str) -> ApiDescription:
    """One description; raises NotFoundError."""
    return lookup.row(session, ApiDescription, description_id)


def list(  # noqa: A001 - read as descriptions.list
    session: Session, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> paging.Page[ApiDescription]:
    """The descriptions, newest first."""
    order = paging.Order((ApiDescription.created_at, ApiDescription.id), descending=True)
    return paging.page(session, select(ApiDescription), order, cursor=cursor, limit=limit)


def operations(
    session: Session,
    description_id: str,
    *,
    cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Operation]:
    """The operations of a description in the document's order; raises NotFoundError."""
    row = get(session, description_id)
    statement = select(Operation).where(Operation.api_description_id == row.id)
    order = paging.Order((Operation.position, Operation.id))
    return paging.page(session, statement, order, cursor=cursor, limit=limit)


def all_operations(session: Session, description_id: str) -> Sequence[Operation]:
    """Every operation of a description in the document's order."""
    return session.scalars(
        select(Operation)
        .where(Operation.api_description_id == description_id)
        .order_by(Operation.position)
    ).all()


def load(session: Session, description_id: str) -> model.ApiDescription:
    """The description read again from what is stored; a few stay in memory."""
    row = get(session, description_id)
    return _parsed(row.document, row.source_url)


def contract(session: Session, description_id: str) -> dict[str, Any]:
    """The whole contract of a description (see testops.contract); not to be changed."""
    return _contract(get(session, description_id).contract)


@lru_cache(maxsize=4)
def _parsed(document: bytes, source_url: str) -> model.ApiDescription:
    return loading.load_bytes(zlib.decompress(document), origin=source_url)


@lru_cache(maxsize=4)
def _contract(packed: bytes) -> dict[str, Any]:
    text: dict[str, Any] = json.loads(zlib.decompress(packed))
    return text
