"""Merges a module three ways: as it was generated last, as somebody edited it, as generated now.

Part by part: what nobody edited follows the generation, what somebody edited stays. Where both
changed the same part there is a conflict: the edited text stands until somebody has chosen, and
nothing is decided silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.scripts import aligning, assembling, deciding, parts
from app.domain.scripts.deciding import NO_CHOICES, Choices, Decision, Fate, Trio
from app.domain.scripts.parts import Kind, Module, Part
from app.errors import InvalidInputError

#: The key of a module that cannot be merged part by part.
WHOLE = "the whole module"
#: Base, edited and generated.
_SIDES = 3


@dataclass(frozen=True, slots=True)
class Conflict:
    """A part that was edited and is generated in another way; None where a side has it no more."""

    key: str
    kind: Kind
    base: str | None
    edited: str | None
    generated: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What the generation changes without a conflict, and somebody may decline.

    None where there is no such part before or after.
    """

    key: str
    kind: Kind
    fate: Fate
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A part, and what becomes of it."""

    key: str
    kind: Kind
    fate: Fate


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge comes to."""

    #: The merged module; where there is a conflict, what was edited.
    text: str
    #: What the next merge starts from: as generated now, but for the conflicts as it was before.
    #: Merging `text` on it with the same generation comes to the same text and conflicts.
    base: str
    conflicts: tuple[Conflict, ...] = ()
    offers: tuple[Offer, ...] = ()
    changes: tuple[Change, ...] = ()


def merge(base: str, edited: str, generated: str, choices: Choices = NO_CHOICES) -> Merge:
    """The three as one; `choices` settles conflicts and declines offers by their keys.

    What cannot be taken apart, or does not compile when it is put together, is one conflict.
    Raises InvalidInputError where what was chosen does not compile.
    """
    try:
        found = _by_parts(base, edited, generated, choices)
    except InvalidInputError:
        return _whole(base, edited, generated, choices)
    is_declined = any(change.fate is Fate.DECLINED for change in found.changes)
    if len({base, edited, generated}) < _SIDES and not is_declined:
        text = generated if edited == base else edited
        return replace(found, text=text, base=generated)
    if assembling.compiles(found.text):
        return found
    if is_declined:
        raise InvalidInputError(
            "What is chosen is no Python when it is put together.",
            where="choices",
            hint="Take over all of it, or edit the script.",
        )
    return _whole(base, edited, generated, choices)


def _by_parts(base: str, edited: str, generated: str, choices: Choices) -> Merge:
    old, ours, theirs = (parts.split(assembling.plain(each)) for each in (base, edited, generated))
    ours, theirs = aligning.aligned(old, ours), aligning.aligned(old, theirs)
    trios = _trios(old, ours, theirs)
    decisions = deciding.decided(trios, choices)
    keys = _order(old, ours, theirs, {key for key, each in decisions.items() if each.part})
    text = _text(keys, decisions, theirs.tail if ours.tail == old.tail else ours.tail)
    return Merge(
        text=assembling.broken_as(text, edited),
        base=_next_base(old, theirs, decisions),
        conflicts=tuple(_conflicts(decisions)),
        offers=tuple(_offers(decisions)),
        changes=tuple(
            Change(key, each.trio.parts[0].kind, each.fate) for key, each in decisions.items()
        ),
    )


def _trios(base: Module, edited: Module, generated: Module) -> Mapping[str, Trio]:
    """All keys, as they are generated first."""
    sides = [{part.key: part for part in module.parts} for module in (base, edited, generated)]
    keys = dict.fromkeys(key for side in reversed(sides) for key in side)
    return {key: Trio(*(side.get(key) for side in sides)) for key in keys}


def _order(base: Module, edited: Module, generated: Module, kept: set[str]) -> Sequence[str]:
    old, ours, theirs = ([part.key for part in each.parts] for each in (base, edited, generated))
    return assembling.order(old, ours, theirs, kept)


def _text(keys: Sequence[str], decisions: Mapping[str, Decision], tail: str) -> str:
    found = ((decisions[key].part, decisions[key].trio) for key in keys)
    laid_out = [
        assembling.laid_out(part, trio.base, trio.edited, trio.generated)
        for part, trio in found
        if part
    ]
    return assembling.joined(laid_out, tail)


def _next_base(base: Module, generated: Module, decisions: Mapping[str, Decision]) -> str:
    kept: dict[str, Part] = {key: each.base for key, each in decisions.items() if each.base}
    keys = _order(base, base, generated, {*kept})
    return assembling.joined([kept[key] for key in keys], generated.tail)


def _conflicts(decisions: Mapping[str, Decision]) -> Sequence[Conflict]:
    return [
        Conflict(key, each.trio.parts[0].kind, *each.trio.texts)
        for key, each in decisions.items()
        if each.fate is Fate.CONFLICT
    ]


def _offers(decisions: Mapping[str, Decision]) -> Sequence[Offer]:
    return [
        Offer(key, each.trio.parts[0].kind, each.fate, each.trio.texts[1], _text_of(each.part))
        for key, each in decisions.items()
        if each.is_offer
    ]


def _text_of(part: Part | None) -> str | None:
    return part.text if part else None


def _whole(base: str, edited: str, generated: str, choices: Choices) -> Merge:
    """The module as one part."""
    trio = Trio(*(Part(WHOLE, Kind.MODULE, "", text, "") for text in (base, edited, generated)))
    decisions = deciding.decided({WHOLE: trio}, choices)
    [decision] = decisions.values()
    text, base = (each.text if each else "" for each in (decision.part, decision.base))
    change = Change(WHOLE, Kind.MODULE, decision.fate)
    return Merge(text, base, tuple(_conflicts(decisions)), tuple(_offers(decisions)), (change,))
