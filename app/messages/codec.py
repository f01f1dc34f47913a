"""JSON text to typed values and back, with clear errors for anything else."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from app.errors import InvalidInputError

T = TypeVar("T")


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def encode(value: object) -> bytes:
    """JSON text (UTF-8) of a dataclass."""
    return _adapter(cast("Any", type(value))).dump_json(value)


def decode_as(kind: type[T], text: bytes, *, where: str) -> T:
    """Read JSON text as `kind`; raises InvalidInputError that names the first wrong place."""
    try:
        value: T = _adapter(cast("Any", kind)).validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise InvalidInputError(first["msg"], where=f"{where}#/{place}") from error
    return value
