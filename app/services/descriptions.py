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
from app.models.version import Version
from app.openapi import fetching, loading, model, sources
from app.openapi.changes import Changes
from app.openapi.pointing import Pointers
from app.services import lookup, paging
from app.services.text import storable, storable_json
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Reading:
    """An API description that was read and is not stored yet."""

    #: What is kept: the bytes as they came, or the description an import was told as.
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


def read_bytes(data: bytes, *, source_url: str = "", name: str = "") -> Reading:
    """Read a description, or what becomes one; `name` is that of an uploaded file.

    Raises DescriptionError.
    """
    opened = sources.opened(data, origin=source_url or name)
    return Reading(opened.kept, source_url, loading.load(opened.source))


def add(session: Session, reading: Reading, *, user_id: str | None = None) -> ApiDescription:
    """Store a description with its operations, as the first version of itself."""
    row = ApiDescription(id=new_id(), number=1, every_hours=None, due_at=None, created_by=user_id)
    row.source_url = storable(reading.source_url, 2000)
    describe(row, reading)
    session.add(row)
    session.flush()
    add_operations(session, row.id, reading.description.operations)
    keep_version(session, row, Changes(), user_id=user_id)
    return row


def describe(row: ApiDescription, reading: Reading) -> None:
    """Make a row say what was read."""
    read = reading.description
    row.title = storable(read.title or "Untitled API", 300)
    row.version = storable(read.version, 100)
    row.dialect = read.dialect
    row.document = zlib.compress(reading.data)
    row.contract = zlib.compress(json.dumps(contracts.contract_of(read)).encode())
    row.digest = hashlib.sha256(reading.data).hexdigest()
    row.servers = storable_json(read.servers)
    row.operations_count = len(read.operations)
    row.problems = [
        {"pointer": storable(problem.pointer, 4000), "message": storable(problem.message, 4000)}
        for problem in read.problems
    ]


def keep_version(
    session: Session, row: ApiDescription, found: Changes, *, user_id: str | None = None
) -> Version:
    """Note the newest version of a description, as it stands."""
    version = Version(
        api_description_id=row.id,
        number=row.number,
        version=row.version,
        dialect=row.dialect,
        digest=row.digest,
        operations_count=row.operations_count,
        changes=storable_json(found),
        created_by=user_id,
    )
    session.add(version)
    session.flush()
    return version


def add_operations(
    session: Session, description_id: str, operations: Sequence[model.Operation]
) -> None:
    """Store the operations of a description that has none stored."""
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


def pointers(session: Session, description_id: str) -> Pointers:
    """The places in a description's document."""
    row = get(session, description_id)
    return _places(row.document, row.source_url)


@lru_cache(maxsize=4)
def _places(document: bytes, source_url: str) -> Pointers:
    return Pointers.of(sources.opened(zlib.decompress(document), origin=source_url).source.data)


@lru_cache(maxsize=4)
def _parsed(document: bytes, source_url: str) -> model.ApiDescription:
    return loading.load(sources.opened(zlib.decompress(document), origin=source_url).source)


@lru_cache(maxsize=4)
def _contract(packed: bytes) -> dict[str, Any]:
    text: dict[str, Any] = json.loads(zlib.decompress(packed))
    return text
