"""The variables of a Postman collection: `{{name}}` in any text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.errors import DescriptionError
from app.openapi import limits
from app.openapi.imports import credentials
from app.openapi.tree import Node, prose

_VARIABLE = re.compile(r"\{\{([^{}]+)\}\}")
#: Variables in the values of variables.
_MAX_DETOURS = 5
#: Characters of a text with its variables replaced: values that name each other multiply.
_MAX_TEXT = limits.MIB
#: Characters that are added to all texts together.
_MAX_ADDED = 32 * limits.MIB
#: Postman makes these up anew for every request; a test sends the same each time.
_DYNAMIC = {
    "$guid": "5f2b6d0e-3c1a-4b7e-9a55-0d8c7e6f4a21",
    "$randomUUID": "5f2b6d0e-3c1a-4b7e-9a55-0d8c7e6f4a21",
    "$timestamp": "1735689600",
    "$isoTimestamp": "2025-01-01T00:00:00.000Z",
    "$randomInt": "42",
    "$randomBoolean": "true",
    "$randomEmail": "ada@example.com",
    "$randomUrl": "https://example.com",
    "$randomFirstName": "Ada",
    "$randomLastName": "Lovelace",
    "$randomFullName": "Ada Lovelace",
}


@dataclass(frozen=True, slots=True)
class Variables:
    """The values that are known."""

    values: Mapping[str, str]
    #: Lengths of what was put in for variables.
    added: list[int] = field(default_factory=lambda: [0])

    def value(self, name: str) -> str | None:
        """The value of a variable; None where the collection gives none."""
        return _DYNAMIC.get(name, "text") if name.startswith("$") else self.values.get(name)

    def filled(self, text: str) -> str:
        """The text with its variables replaced; of one without a value the name is left.

        DescriptionError where that is endlessly much.
        """
        for _ in range(_MAX_DETOURS):
            found = [self._of(match) for match in _VARIABLE.finditer(text)]
            length = sum(map(len, found))
            if len(text) + length > _MAX_TEXT:
                break
            self._spend(length)
            text = _VARIABLE.sub(self._of, text)
        return _VARIABLE.sub(lambda match: match[1].strip(), text)

    def _spend(self, length: int) -> None:
        self.added[0] += length
        if self.added[0] > _MAX_ADDED:
            raise DescriptionError(
                "The variables of the collection unfold into too much.",
                where="#/variable",
                hint="Give a smaller one.",
            )

    def unknown(self, text: str) -> list[str]:
        """The variables in a text that have no value."""
        names = (name.strip() for name in _VARIABLE.findall(text))
        return [name for name in names if self.value(name) is None]

    def _of(self, match: re.Match[str]) -> str:
        value = self.value(match[1].strip())
        return match[0] if value is None else value


def sole(text: str) -> str:
    """The name of the variable that is the whole text; empty where it is more or none."""
    found = _VARIABLE.fullmatch(text)
    return found[1].strip() if found else ""


def of_collection(listed: Node | None) -> Variables:
    """The variables that a collection gives; one without a value, or a secret, is unknown."""
    found = {name: value for name, value in entries(listed) if value}
    return Variables({name: found[name] for name in found if not credentials.is_secret(name)})


def entries(listed: Node | None) -> Iterator[tuple[str, str]]:
    """Keys and values of a list of Postman's, what is switched off left out."""
    for element in listed.elements() if listed else ():
        name = text(element, "key") or text(element, "id")
        if name and not is_disabled(element):
            yield name, text(element, "value")


def is_disabled(node: Node) -> bool:
    """Whether somebody switched a part of a request off."""
    return isinstance(node.value, dict) and node.value.get("disabled") is True


def text(node: Node | None, key: str) -> str:
    """The text under a key; empty where there is none."""
    value = node.value.get(key) if node and isinstance(node.value, dict) else None
    return prose(value)
