"""Between HTTP and values: reads parameters and bodies as the description has them, and answers."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, g, request

from demo import description
from demo.problems import Complaint, ProblemError, unprocessable

T = TypeVar("T")

#: Larger bodies are refused before they are read.
MAX_BODY_BYTES = 64 * 1024


def arguments() -> Mapping[str, str]:
    """The query parameters; a fault may have put others in their place."""
    given: Mapping[str, str] = g.get("arguments", request.args)
    return given


def body(schema: str) -> Any:  # noqa: ANN401 - any JSON that the schema allows
    """The JSON body, valid against a schema of the description.

    Raises ProblemError with 400, 415 or 422; Flask itself refuses what is too large with 413.
    """
    value = g.body if "body" in g else received()
    errors = [
        Complaint("".join(f"/{step}" for step in error.instance_path), error.message)
        for error in description.validator(schema).iter_errors(value)
    ]
    if errors:
        raise unprocessable(errors)
    return value


def received() -> Any:  # noqa: ANN401 - any JSON
    """The JSON body as it was sent. Raises ProblemError with 400 or 415."""
    data = request.get_data()
    if not data:
        raise ProblemError(400, "The body is missing.")
    if request.mimetype != "application/json":
        raise ProblemError(415, "A body must be application/json.")
    return parse(data)


def parse(data: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON strictly (RFC 8259). Raises ProblemError with 400."""
    try:
        value = json.loads(data.decode())
        # Refuses NaN, infinite numbers and lone surrogates, which Python reads without complaint.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ProblemError(400, "The body is not JSON.") from error
    return value


def text(name: str, schema: str) -> str | None:
    """An optional query parameter that obeys a schema of the description.

    Raises ProblemError with 422.
    """
    value = arguments().get(name)
    return None if value is None else obeying(value, schema, where=name)


def required(name: str, value: str | None, schema: str) -> str:
    """A parameter or header that must be there and obey a schema of the description.

    Raises ProblemError with 422.
    """
    if value is None:
        raise unprocessable([Complaint(name, "is required")])
    return obeying(value, schema, where=name)


def obeying(value: str, schema: str, *, where: str) -> str:
    """The value itself, if it obeys a schema of the description.

    Raises ProblemError with 422.
    """
    errors = description.validator(schema).iter_errors(value)
    complaints = [Complaint(where, error.message) for error in errors]
    if complaints:
        raise unprocessable(complaints)
    return value


def integer(name: str, *, default: int, minimum: int, maximum: int) -> int:
    """An optional whole number in the query. Raises ProblemError with 422."""
    value = arguments().get(name)
    if value is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
        expected = f"must be a whole number from {minimum} to {maximum}"
        raise unprocessable([Complaint(name, expected)])
    return int(value)


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for."""

    limit: int
    offset: int

    def cut(self, items: Sequence[T]) -> Sequence[T]:
        """The items of this page."""
        return items[self.offset : self.offset + self.limit]


def window() -> Window:
    """The page that the query asks for. Raises ProblemError with 422."""
    return Window(
        limit=integer("limit", default=20, minimum=1, maximum=50),
        offset=integer("offset", default=0, minimum=0, maximum=1_000_000),
    )


def answer(
    value: object, status: int = 200, *, headers: Iterable[tuple[str, str]] = ()
) -> Response:
    """A JSON response; dates are written as RFC 3339 has them."""
    return Response(
        json.dumps(value, default=dt.date.isoformat),
        status=status,
        headers=list(headers),
        content_type="application/json",
    )


def page(items: Sequence[object]) -> Response:
    """The part of a list that the query asks for, and how long the whole list is."""
    shown = window().cut(items)
    total = [("X-Total-Count", str(len(items)))]
    return answer({"items": shown, "total": len(items)}, headers=total)
