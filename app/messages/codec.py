"""JSON text to typed values and back, with clear errors for anything else, and their schemas."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from app.errors import InvalidInputError

T = TypeVar("T")


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class _Schema(GenerateJsonSchema):
    """Without titles that only repeat the fields' names."""

    def field_title_should_be_set(self, _schema: object) -> bool:
        return False


def schema(kind: type[Any]) -> str:
    """The JSON Schema (2020-12) of the texts that are read as `kind`, as indented JSON."""
    return json.dumps(_adapter(cast("Any", kind)).json_schema(schema_generator=_Schema), indent=2)


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
