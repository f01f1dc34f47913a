"""What the engine asks of a cage. It travels to the warm parent as an argument, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from worker.cage.layers import ALL, Layer
from worker.cage.policy import Policy


@dataclass(frozen=True, slots=True)
class Wish:
    """Which layers to apply, and how many there have to be."""

    policy: Policy = Policy.NONE
    #: Applied where the machine offers them.
    layers: frozenset[Layer] = ALL
    #: Folders that cases may write to beside their own: where a measurement of the tests goes.
    writable: tuple[str, ...] = ()


_WISH: TypeAdapter[Wish] = TypeAdapter(Wish)


def encode(wish: Wish) -> str:
    """Write a wish as JSON."""
    return _WISH.dump_json(wish).decode()


def decode(text: str) -> Wish:
    """Read what `encode` wrote."""
    return _WISH.validate_json(text)
