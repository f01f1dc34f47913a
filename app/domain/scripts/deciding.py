"""Decides part by part what a three-way merge keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.domain.scripts import docstrings, imports
from app.domain.scripts.parts import Kind, Part


class Side(StrEnum):
    """Whose text of a conflict is wanted."""

    EDITED = "edited"
    GENERATED = "generated"


class Fate(StrEnum):
    """What becomes of a part."""

    #: All agree, or both sides made the same of it.
    SAME = "same"
    #: The generation changes, adds or removes what nobody edited.
    UPDATED = "updated"
    ADDED = "added"
    REMOVED = "removed"
    #: Somebody changed, added or removed it, and the generation has nothing new to say.
    EDITED = "edited"
    OWN = "own"
    DROPPED = "dropped"
    #: One side removed it; it stays since what stays uses it.
    NEEDED = "needed"
    #: Both changed it, but not at the same place.
    JOINED = "joined"
    #: Both changed it; the edited text stands until somebody has chosen.
    CONFLICT = "conflict"
    SETTLED = "settled"
    #: The generation has something new to say, and somebody did not want it.
    DECLINED = "declined"


#: The news of a generation, which somebody may decline.
OFFERED = frozenset({Fate.UPDATED, Fate.ADDED, Fate.REMOVED, Fate.JOINED})
#: What is not there any more, or is not taken over.
_GONE = frozenset({Fate.REMOVED, Fate.DROPPED, Fate.DECLINED})

Choices = Mapping[str, Side]
NO_CHOICES: Choices = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Trio:
    """A part as it was, as it was edited and as it is generated; None where it is not there."""

    base: Part | None
    edited: Part | None
    generated: Part | None

    @property
    def parts(self) -> list[Part]:
        """Those that are there: at least one."""
        return [each for each in (self.edited, self.generated, self.base) if each]

    @property
    def texts(self) -> tuple[str | None, str | None, str | None]:
        """Base, edited and generated, as text."""
        return _text(self.base), _text(self.edited), _text(self.generated)


@dataclass(slots=True)
class Decision:
    """What becomes of a part."""

    trio: Trio
    fate: Fate
    #: What stands in the merged module.
    part: Part | None
    #: What the next merge starts from.
    base: Part | None

    @property
    def is_offer(self) -> bool:
        """Whether somebody may decline it: what a module imports follows what it uses."""
        return self.fate in OFFERED and self.trio.parts[0].kind is not Kind.IMPORT


def decided(trios: Mapping[str, Trio], choices: Choices) -> dict[str, Decision]:
    """A decision for each key; what is used by what stays, stays."""
    decisions = {key: _chosen(_decision(trio), choices.get(key)) for key, trio in trios.items()}
    while _revive(decisions):
        pass
    return decisions


def _chosen(found: Decision, choice: Side | None) -> Decision:
    """The decision as somebody wants it; who says nothing about an offer takes it."""
    trio = found.trio
    if choice is None or not (found.is_offer or found.fate is Fate.CONFLICT):
        return found
    if choice is Side.GENERATED:
        return Decision(trio, Fate.SETTLED, trio.generated, trio.generated)
    fate = Fate.DECLINED if found.is_offer else Fate.SETTLED
    return Decision(trio, fate, trio.edited, trio.generated)


def _decision(trio: Trio) -> Decision:
    base, edited, generated = trio.texts
    if edited == generated:
        return Decision(trio, Fate.SAME, trio.edited, trio.generated)
    if any(imports.is_by_name(part) for part in trio.parts):
        return _imported(trio, imports.chosen(trio.base, trio.edited, trio.generated))
    if edited == base:
        return Decision(trio, _of_generation(trio), trio.generated, trio.generated)
    if generated == base:
        return Decision(trio, _of_edit(trio), trio.edited, trio.generated)
    if trio.base and trio.edited and trio.generated:
        joined = docstrings.joined(trio.base, trio.edited, trio.generated)
        if joined:
            return Decision(trio, Fate.JOINED, joined, trio.generated)
    return Decision(trio, Fate.CONFLICT, trio.edited, trio.base)


def _imported(trio: Trio, wanted: Iterable[str]) -> Decision:
    part = imports.written(frozenset(wanted), trio.base, trio.edited, trio.generated)
    text = _text(part)
    if text == _text(trio.generated):
        fate = _of_generation(trio)
    else:
        fate = _of_edit(trio) if text == _text(trio.edited) else Fate.JOINED
    return Decision(trio, fate, part, trio.generated)


def _of_generation(trio: Trio) -> Fate:
    if trio.generated is None:
        return Fate.REMOVED
    return Fate.ADDED if trio.base is None else Fate.UPDATED


def _of_edit(trio: Trio) -> Fate:
    if trio.edited is None:
        return Fate.DROPPED
    return Fate.OWN if trio.base is None else Fate.EDITED


def _revive(decisions: Mapping[str, Decision]) -> bool:
    """Take back what was let go although it is used; whether there was anything."""
    present = [each.part for each in decisions.values() if each.part]
    bound = {name for part in present for name in part.binds}
    missing = {name for part in present for name in part.uses} - bound
    revived = [_take_back(decision, missing) for decision in decisions.values()]
    return any(revived)


def _take_back(decision: Decision, missing: Collection[str]) -> bool:
    trio = decision.trio
    if any(imports.is_by_name(part) for part in trio.parts):
        return _import_back(decision, missing)
    is_gone = decision.fate in _GONE and decision.part is None
    gone = (trio.edited or trio.generated) if is_gone else None
    if gone is None or not set(gone.binds) & set(missing):
        return False
    decision.part = decision.base = gone
    decision.fate = Fate.NEEDED
    return True


def _import_back(decision: Decision, missing: Collection[str]) -> bool:
    trio, present = decision.trio, set(imports.imported(decision.part))
    known = {*imports.imported(trio.edited), *imports.imported(trio.generated)} - present
    needed = {name for name in known if imports.bound(name) in missing}
    if needed:
        again = _imported(trio, present | needed)
        decision.part, decision.fate = again.part, again.fate
    return bool(needed)


def _text(part: Part | None) -> str | None:
    return part.text if part else None
