"""Laying a written project out on disk; what somebody changed in it stays."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.ai import project
from app.domain.scripts.deciding import Side
from app.errors import ConflictError
from app.openapi.model import ApiDescription
from local import keeping
from local.keeping import Standing

#: By these a folder is known as a project that `write` has made, and may make again.
_MARKS = ("contract.json", "conftest.py", "testops")


@dataclass(frozen=True, slots=True)
class Project:
    """What was written."""

    modules: int
    #: Where somebody edited what is written in another way now; the edited text stands.
    conflicts: tuple[Standing, ...] = ()
    #: Edited modules of operations that are documented no more.
    archived: tuple[str, ...] = ()

    def told(self) -> Iterator[str]:
        """What somebody should know of it, as lines."""
        for name in self.archived:
            yield f"{name}: its operation is documented no more; kept as {keeping.ARCHIVED}/{name}."
        for one in self.conflicts:
            key, before, after = one.conflict.key, one.conflict.edited, one.conflict.generated
            yield f"{one.file}, {key}: edited and now written in another way; the edit stands."
            yield from difflib.unified_diff(
                (before or "").splitlines(),
                (after or "").splitlines(),
                "edited",
                "written",
                lineterm="",
            )


def write(
    description: ApiDescription, folder: Path, *, seed: int, side: Side | None = None
) -> Project:
    """Write the project of a description.

    The folder may not exist, be empty, or hold a project written earlier, with which it is merged;
    `side` settles conflicts. Raises ConflictError where it holds something else. A project that is
    new is written beside the folder and put in its place when it is complete; of one that is there
    each file is replaced as a whole, when all of them are known.
    """
    if not _may_replace(folder):
        raise ConflictError(
            "The folder holds something that is no written project.",
            where=str(folder),
            hint="Name another folder, or empty it.",
        )
    files = dict(project.files(description, seed=seed))
    modules = sum(name.startswith("tests/") for name in files)
    update = keeping.update(folder, files, side)
    if folder.exists() and any(folder.iterdir()):
        _put_each(folder, update.files)
    else:
        _put_all(folder, update.files)
    return Project(modules, update.conflicts, update.archived)


def _put_each(folder: Path, files: Mapping[str, str | None]) -> None:
    for name, text in files.items():
        if text is None:
            (folder / name).unlink(missing_ok=True)
        else:
            beside = folder / f"{name}.new"
            _put(beside, text)
            beside.replace(folder / name)


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode(errors="surrogateescape"))


def _put_all(folder: Path, files: Mapping[str, str | None]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, text in files.items():
            _put(beside / "new" / name, text or "")
        if folder.exists():
            folder.rename(beside / "old")
        (beside / "new").rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _may_replace(folder: Path) -> bool:
    if not folder.exists():
        return True
    if not folder.is_dir() or folder.is_symlink():
        return False
    return not any(folder.iterdir()) or all((folder / mark).exists() for mark in _MARKS)
