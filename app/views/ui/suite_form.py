"""What a suite's forms hold: its name, and the environment that it is executed against."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import InvalidInputError
from app.models.api_description import ApiDescription
from app.views.ui.requests import field


@dataclass(frozen=True, slots=True)
class SuiteForm:
    """What the form holds, as typed. Headers and secrets are never shown again."""

    name: str
    base_url: str
    headers: str = ""
    secrets: str = ""


def proposed(description: ApiDescription) -> SuiteForm:
    """What a new suite of this description would mostly be."""
    return SuiteForm(description.title, next(iter(description.servers), ""))


def sent() -> SuiteForm:
    """The form as it was sent."""
    return SuiteForm(field("name"), field("base_url"), field("headers"), field("secrets"))


def headers_of(text: str) -> dict[str, str]:
    """Headers written one per line as "Name: value"; raises InvalidInputError for another line."""
    return _pairs(text, "headers")


def secrets_of(text: str) -> dict[str, str]:
    """Secrets, written as headers are."""
    return _pairs(text, "secrets")


def replacement(pairs: dict[str, str], name: str) -> dict[str, str] | None:
    """What comes in place of what is set: nothing typed keeps it, unless it is to be removed."""
    return pairs if pairs or field(name) else None


def _pairs(text: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon:
            raise InvalidInputError(
                "This is no name with a value.",
                where=f"{where}, line {number}",
                hint="Write Name: value.",
            )
        found[name.strip()] = value.strip()
    return found
