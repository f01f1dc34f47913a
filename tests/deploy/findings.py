"""What a rule finds wrong with objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tests.deploy.objects import Object


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: in which object, and what it is."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


Objects: TypeAlias = Sequence[Object]
#: Looks at all objects of one installation.
Rule: TypeAlias = Callable[[Objects], Iterator[Finding]]
