"""The form for a new suite."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import InvalidInputError
from app.models.api_description import ApiDescription
from app.views.ui.requests import field


@dataclass(frozen=True, slots=True)
class SuiteForm:
    """What the form holds, as typed."""

    name: str
    base_url: str
    headers: str = ""


def proposed(description: ApiDescription) -> SuiteForm:
    """What a new suite of this description would mostly be."""
    return SuiteForm(description.title, next(iter(description.servers), ""))


def sent() -> SuiteForm:
    """The form as it was sent."""
    return SuiteForm(field("name"), field("base_url"), field("headers"))


def headers_of(text: str) -> dict[str, str]:
    """Headers written one per line as "Name: value"; raises InvalidInputError for another line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon:
            raise InvalidInputError(
                "This is no header.", where=f"headers, line {number}", hint="Write Name: value."
            )
        found[name.strip()] = value.strip()
    return found
