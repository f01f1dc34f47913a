"""Makes foreign text storable: PostgreSQL takes no NUL, UTF-8 no lone surrogates."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from app.errors import InvalidInputError

#: Shown in place of a NUL: SYMBOL FOR NULL.
NUL_SIGN = "\u2400"

#: A NUL as JSON escapes it, or a text that says so.
_NUL = r"\u0000"


def storable(text: str, limit: int | None = None) -> str:
    """The text without what cannot be stored, cut to `limit` characters."""
    clean = text.replace("\x00", NUL_SIGN).encode("utf-8", "backslashreplace").decode()
    return clean if limit is None or len(clean) <= limit else f"{clean[: limit - 1]}…"


def storable_name(text: str, limit: int) -> str:
    """As `storable`, but two names that differ only past the limit stay different."""
    clean = storable(text)
    if len(clean) <= limit:
        return clean
    digest = hashlib.sha256(clean.encode()).hexdigest()[:12]
    return f"{clean[: limit - 13]}~{digest}"


def storable_json(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value, dataclasses in it as objects, with every text in it storable."""
    return json.loads(storable_json_text(value))


def storable_json_text(value: object) -> str:
    """As `storable_json`, written down. What is no number (RFC 8259, section 6) becomes null."""
    try:
        text = to_json(value, inf_nan_mode="null").decode()
    except PydanticSerializationError:
        # Half of a surrogate pair, or nothing that can be written at all.
        return _cleaned(value)
    # Results bring many kilobytes each; almost never is there anything to be changed.
    return _cleaned(value) if _NUL in text else text


def _cleaned(value: object) -> str:
    return json.dumps(_storable(json.loads(json.dumps(value, default=_fields))))


def _fields(value: Any) -> Mapping[str, object]:  # noqa: ANN401 - raises TypeError for any other
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def _storable(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def required(text: str, field: str, limit: int) -> str:
    """A name given by a person: trimmed, not empty, of bounded length and printable.

    Raises InvalidInputError that names the field.
    """
    clean = text.strip()
    if not clean:
        raise InvalidInputError("This may not be empty.", where=field)
    if len(clean) > limit:
        raise InvalidInputError(f"This may have at most {limit} characters.", where=field)
    if storable(clean) != clean:
        raise InvalidInputError("This holds characters that are not text.", where=field)
    return clean
