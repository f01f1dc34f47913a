"""Laying a written project out on disk: all of it, or nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from app.ai import project
from app.errors import ConflictError
from app.openapi.model import ApiDescription

#: By these a folder is known as a project that `write` has made, and may make again.
_MARKS = ("contract.json", "conftest.py", "testops")


def write(description: ApiDescription, folder: Path, *, seed: int) -> int:
    """Write the project of a description and say how many test modules it has.

    The folder may not exist, be empty, or hold a project written earlier, whose files are replaced.
    Raises ConflictError where it holds something else. Nothing is left half done: the project is
    written beside the folder and put in its place when it is complete.
    """
    if not _may_replace(folder):
        raise ConflictError(
            "The folder holds something that is no written project.",
            where=str(folder),
            hint="Name another folder, or empty it.",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        modules = _fill(beside / "new", description, seed)
        if folder.exists():
            folder.rename(beside / "old")
        (beside / "new").rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return modules


def _may_replace(folder: Path) -> bool:
    if not folder.exists():
        return True
    if not folder.is_dir() or folder.is_symlink():
        return False
    return not any(folder.iterdir()) or all((folder / mark).exists() for mark in _MARKS)


def _fill(folder: Path, description: ApiDescription, seed: int) -> int:
    modules = 0
    for name, text in project.files(description, seed=seed):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        modules += name.startswith("tests/")
    return modules
