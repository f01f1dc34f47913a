"""What the pages read of a request."""

from __future__ import annotations

from flask import request

from app.errors import InvalidInputError

#: A form that was refused: its page again, with what was wrong (RFC 9110, section 15.5.21).
REFUSED = 422


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page, not the browser for a whole one."""
    return "HX-Request" in request.headers


def field(name: str) -> str:
    """A field of the form that was sent, trimmed; empty where there is none."""
    return request.form.get(name, "").strip()


def number(name: str) -> int:
    """A field that is a whole number; 0 where there is none.

    Raises InvalidInputError where it is something else.
    """
    text = field(name) or "0"
    if not text.isdecimal():
        raise InvalidInputError("This is no whole number.", where=name)
    return int(text)


def argument(name: str) -> str:
    """A query parameter, trimmed; empty where there is none."""
    return request.args.get(name, "").strip()
