"""Providers: who writes cases.

The offline writer is a function from operations to written cases. Models add to what it writes: see
`app.services.assistance`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from app.ai import offline
from app.errors import InvalidInputError
from app.openapi.model import ApiDescription, Operation
from app.settings import MODEL_PROVIDERS, Settings


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


#: Who writes whole cases, by the name under which a generation asks for it.
PROVIDERS: Mapping[str, Writer] = {"offline": offline.write_suite}
#: Every model that is set up, in the order that the installation gives.
ANY_MODEL = "model"
#: Who adds to what the offline writer writes.
ASSISTED = (ANY_MODEL, *MODEL_PROVIDERS)


def offered(settings: Settings) -> Sequence[str]:
    """What a person may choose from: the models that are set up, then the offline writer."""
    models = settings.model_providers
    return [*([ANY_MODEL] if models else []), *models, *PROVIDERS]


def check(provider: str) -> None:
    """Raises InvalidInputError for a name that nobody has."""
    if provider not in ASSISTED:
        find(provider)


def find(provider: str) -> Writer:
    """The writer of that name; raises InvalidInputError."""
    if provider not in PROVIDERS:
        raise InvalidInputError(
            f"There is no provider {provider[:50]!r}.",
            where="provider",
            hint=f"Choose one of: {', '.join((*PROVIDERS, *ASSISTED))}.",
        )
    return PROVIDERS[provider]
