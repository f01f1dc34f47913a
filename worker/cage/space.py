"""How much a case has written, where no file system of its own limits it.

Looked at from outside, a few times a second: what is written between two looks is not held. A file
that was removed while it is open is not seen; their number and size are limited (`limits`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from worker.cage.view import FOLDER_BYTES, FOLDER_FILES

#: Between two looks.
_PAUSE_SECONDS = 0.2
#: Of what stat(2) counts in.
_BLOCK_BYTES = 512


class Watch:
    """Looks after one folder, which belongs to whoever writes into it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next = 0.0

    def objection(self, now: float) -> str:
        """Why the case must end; empty where it may go on. `now` is in seconds."""
        if now < self._next:
            return ""
        self._next = now + _PAUSE_SECONDS
        try:
            return self._look()
        except PermissionError:
            return "The case hides what it writes: its folder has one that cannot be read."

    def _look(self) -> str:
        used = 0
        for number, entry in enumerate(_entries(str(self._folder)), 1):
            used += _bytes(entry)
            if used > FOLDER_BYTES:
                return f"The case wrote more than {FOLDER_BYTES // 1024**2} MiB into its folder."
            if number > FOLDER_FILES:
                return f"The case made more than {FOLDER_FILES} files in its folder."
        return ""


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """Everything below a folder; links are not followed. What goes meanwhile is left out."""
    folders = [folder]
    while folders:
        with suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                yield entry


def _bytes(entry: os.DirEntry[str]) -> int:
    """What an entry takes on the disk, holes left out; nothing if it is gone."""
    try:
        return entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
    except FileNotFoundError:
        return 0
