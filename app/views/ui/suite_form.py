"""What a suite's forms hold: its name, and the environment that it is executed against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from app.errors import InvalidInputError
from app.models.api_description import ApiDescription
from app.views.ui.requests import field

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SuiteForm:
    """What the form holds, as typed. What proves who asks is never shown again."""

    name: str
    base_url: str
    headers: str = ""
    secrets: str = ""
    identities: str = ""


def proposed(description: ApiDescription) -> SuiteForm:
    """What a new suite of this description would mostly be."""
    return SuiteForm(description.title, next(iter(description.servers), ""))


def sent() -> SuiteForm:
    """The form as it was sent."""
    names = ("name", "base_url", "headers", "secrets", "identities")
    return SuiteForm(*(field(name) for name in names))


def headers_of(text: str) -> dict[str, str]:
    """Headers written one per line as "Name: value"; raises InvalidInputError for another line."""
    return _pairs(text, "headers")


def secrets_of(text: str) -> dict[str, str]:
    """Secrets, written as headers are."""
    return _pairs(text, "secrets")


def identities_of(text: str) -> dict[str, dict[str, str]]:
    """Identities, one header per line as "alice=Name: value"; raises as `headers_of` does."""
    found: dict[str, dict[str, str]] = {}
    for number, line in _lines(text):
        name, equals, header = line.partition("=")
        if not equals or ":" in name:
            raise _unreadable("identities", number, "Write alice=Name: value.")
        found.setdefault(name.strip(), {}).update(dict([_pair(header, "identities", number)]))
    return found


def replacement(found: T, name: str) -> T | None:
    """What comes in place of what is set: nothing typed keeps it, unless it is to be removed."""
    return found if found or field(name) else None


def _pairs(text: str, where: str) -> dict[str, str]:
    return dict(_pair(line, where, number) for number, line in _lines(text))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    numbered = enumerate(text.splitlines(), start=1)
    return ((number, line) for number, line in numbered if line.strip())


def _pair(line: str, where: str, number: int) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise _unreadable(where, number, "Write Name: value.")
    return name.strip(), value.strip()


def _unreadable(where: str, number: int, hint: str) -> InvalidInputError:
    place = f"{where}, line {number}"
    return InvalidInputError("This is no name with a value.", where=place, hint=hint)
