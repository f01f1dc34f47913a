"""How resources are answered: one, a page of them, or where a new one is followed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar

from flask import Response, url_for
from pydantic import BaseModel

from app.models.environment import Environment
from app.models.run import Run
from app.services.paging import Page
from app.views.api import shapes

Shape = TypeVar("Shape", bound=BaseModel)
T = TypeVar("T")


def one(shape: BaseModel, status: HTTPStatus = HTTPStatus.OK, *, location: str = "") -> Response:
    """A resource; `location` is where it is found from now on."""
    headers = {"Location": location} if location else {}
    return Response(shape.model_dump_json(), status, headers, mimetype="application/json")


def page(kind: type[Shape], found: Page[T]) -> Response:
    """A page of resources."""
    items = [kind.model_validate(item) for item in found.items]
    return one(shapes.PageOf[kind](items=items, next_cursor=found.next_cursor))  # type: ignore[valid-type]  # a class at run time


def run(row: Run) -> shapes.Run:
    """A run with its totals apart."""
    return shapes.Run.model_validate(
        {
            **{name: getattr(row, name) for name in shapes.Run.model_fields if name != "totals"},
            "totals": shapes.Totals.model_validate(row),
        }
    )


def environment(row: Environment) -> Response:
    """An environment without what is sealed in it."""
    shape = shapes.Environment(
        base_url=row.base_url,
        has_headers=bool(row.sealed_headers),
        has_secrets=bool(row.sealed_secrets),
        has_identities=bool(row.sealed_identities),
    )
    return one(shape)


def accepted(shape: BaseModel, endpoint: str, identifier: str) -> Response:
    """Work that was begun; the answer says where to follow it."""
    return one(shape, HTTPStatus.ACCEPTED, location=url_for(endpoint, id=identifier))


def created(shape: BaseModel, endpoint: str, identifier: str) -> Response:
    """A new resource, and where it is."""
    return one(shape, HTTPStatus.CREATED, location=url_for(endpoint, id=identifier))


def download(data: bytes, name: str) -> Response:
    """Bytes that nobody's browser shows: they are foreign."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, headers=headers, mimetype="application/octet-stream")
