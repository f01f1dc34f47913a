"""What becomes of a written project that somebody changed when it is written again.

Beside the project stands what was written last, so that each file can be merged three ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.scripts import merging
from app.domain.scripts.deciding import Side
from app.domain.scripts.merging import WHOLE, Conflict, Merge
from app.domain.scripts.parts import Kind

#: The files as they were written last; pytest and `testops exec` pass over hidden folders.
WRITTEN = ".testops/written"
#: Modules of operations that are documented no more, where somebody had edited them.
ARCHIVED = ".testops/archived"
#: Replaced whatever anybody did to it.
_OURS = ("contract.json", "testops/")


@dataclass(frozen=True, slots=True)
class Standing:
    """A part of a file that somebody edited and that is written in another way; the edit stands."""

    file: str
    conflict: Conflict


@dataclass(frozen=True, slots=True)
class Update:
    """What is to be done to a project."""

    #: Files by their paths; None for one that goes.
    files: Mapping[str, str | None]
    conflicts: tuple[Standing, ...]
    archived: tuple[str, ...]


def update(folder: Path, written: Mapping[str, str], side: Side | None) -> Update:
    """What the files that were written come to in the project; `side` settles conflicts."""
    files: dict[str, str | None] = {}
    conflicts: list[Standing] = []
    for name, text in written.items():
        if name.startswith(_OURS):
            files[name] = text
            continue
        merged = _merged(text_of(folder / WRITTEN / name), text_of(folder / name), text, side)
        # What somebody emptied or deleted stays so.
        files |= {name: merged.text} if merged.text or not text else {}
        files[f"{WRITTEN}/{name}"] = merged.base
        conflicts += [Standing(name, each) for each in merged.conflicts]
    gone = [name for name in _known(folder) if name not in written]
    archived = [name for name in gone if _is_edited(folder, name)]
    files |= {f"{ARCHIVED}/{name}": text_of(folder / name) for name in archived}
    files |= {place: None for name in gone for place in (name, f"{WRITTEN}/{name}")}
    return Update(files, tuple(conflicts), tuple(archived))


def text_of(file: Path) -> str | None:
    """A file's text, whatever bytes it has; None where there is none."""
    return file.read_bytes().decode(errors="surrogateescape") if file.is_file() else None


def _merged(base: str | None, edited: str | None, written: str, side: Side | None) -> Merge:
    if edited is None:
        return _without(base, written, side)
    first = merging.merge(base or "", edited, written)
    if side is None:
        return first
    return merging.merge(base or "", edited, written, {c.key: side for c in first.conflicts})


def _without(base: str | None, written: str, side: Side | None) -> Merge:
    """Of a file that is not there: it is new, or somebody deleted it."""
    if base is None or (side is Side.GENERATED and base != written):
        return Merge(written, written)
    if base == written or side is Side.EDITED:
        return Merge("", written)
    return Merge("", base, (Conflict(WHOLE, Kind.MODULE, base, None, written),))


def _known(folder: Path) -> Iterator[str]:
    """What was written last, and of the SDK what is there."""
    kept = folder / WRITTEN
    yield from sorted(each.relative_to(kept).as_posix() for each in kept.rglob("*.*"))
    yield from sorted(each.relative_to(folder).as_posix() for each in folder.glob("testops/*.py"))


def _is_edited(folder: Path, name: str) -> bool:
    text = text_of(folder / name)
    return text is not None and text != (text_of(folder / WRITTEN / name) or text)
