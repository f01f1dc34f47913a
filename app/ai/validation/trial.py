"""What tries checks where they can do no harm: the engine's cage, as the validation knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a module whose every request was answered with nonsense."""

    #: Why the module could not be collected or run to its end; empty where it could.
    broken: str = ""
    #: By the check's name, what is wrong with it; those that failed, as they should, are not here.
    problems: Mapping[str, str] = field(default_factory=dict)


class Trial(Protocol):
    """Collects and runs a module in the cage against an API that answers nothing that is right."""

    def __call__(self, module: str, script: str, contract: str) -> Tried:
        """Try a module; `contract` is JSON text (see `testops.contract`).

        Blocks for seconds. Raises UnavailableError where the cage cannot be had.
        """
        ...
