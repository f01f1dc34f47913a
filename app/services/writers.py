"""Providers: who writes cases. A provider is a function from operations to written cases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from app.ai import offline
from app.errors import InvalidInputError
from app.openapi.model import ApiDescription, Operation


class Written(Protocol):
    """A case as a provider wrote it."""

    @property
    def operation(self) -> str:
        """The operation's key."""
        ...

    @property
    def module(self) -> str:
        """File name, unique in the description."""
        ...

    @property
    def script(self) -> str:
        """Python source."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be decided."""
        ...


class Writer(Protocol):
    """Writes one case for each of the operations."""

    def __call__(
        self, description: ApiDescription, operations: Sequence[Operation]
    ) -> Iterable[Written]:
        """The cases, in any order."""
        ...


#: Name of a provider, as a generation asks for it.
PROVIDERS: Mapping[str, Writer] = {"offline": offline.write_suite}


def find(provider: str) -> Writer:
    """The writer of that name; raises InvalidInputError."""
    if provider not in PROVIDERS:
        raise InvalidInputError(
            f"There is no provider {provider[:50]!r}.",
            where="provider",
            hint=f"Choose one of: {', '.join(PROVIDERS)}.",
        )
    return PROVIDERS[provider]
