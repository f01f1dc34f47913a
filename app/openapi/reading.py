"""Reads a description for the command line: from a path, a URL, its input or a curl command.

References lead only into the folder that was named: the folder given, or the folder a given file
lies in, or a wider `root` given beside it. Symbolic links out of it are not followed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from app.domain.network import NetworkPolicy
from app.errors import DescriptionError
from app.openapi import archives, fetching, limits, loading, sources
from app.openapi.imports import curl
from app.openapi.model import ApiDescription

#: In place of a path: the description is read from the input.
_INPUT = "-"
#: On somebody's own machine their own network is theirs to read.
LOCAL_POLICY = fetching.FetchPolicy(NetworkPolicy(allow_private=True))


def read(
    spec: str,
    *,
    root: Path | None = None,
    policy: fetching.FetchPolicy = LOCAL_POLICY,
) -> ApiDescription:
    """What `opened` opens, loaded."""
    return loading.load(opened(spec, root=root, policy=policy).source)


def opened(
    spec: str,
    *,
    root: Path | None = None,
    policy: fetching.FetchPolicy = LOCAL_POLICY,
    stdin: BinaryIO | None = None,
) -> sources.Opened:
    """What is behind a path (a file or a folder with one), a URL, "-" or a curl command.

    Blocks on the disk, the network or the input. DescriptionError when it cannot be read.
    """
    if spec.lower().startswith(("http://", "https://")):
        fetched = fetching.fetch(spec, policy=policy)
        return sources.opened(fetched.data, origin=fetched.url)
    if spec == _INPUT:
        return sources.opened((stdin or sys.stdin.buffer).read(limits.MAX_BYTES + 1))
    if curl.is_command_line(spec):
        return sources.opened(spec.encode("utf-8", "replace"))
    path = Path(spec)
    entry = _entry_of(path) if path.is_dir() else path
    folder = Folder(root or (path if path.is_dir() else path.parent), base=entry.parent)
    return sources.opened(_bytes_of(entry), origin=entry.name, files=folder)


class Folder(Mapping[str, bytes]):
    """The documents under a root, by path relative to a base folder, read when asked for."""

    def __init__(self, root: Path, *, base: Path) -> None:
        self._root = root.resolve()
        self._base = base.resolve()

    def __getitem__(self, name: str) -> bytes:
        """The bytes of a file; KeyError for what is no file or lies outside the root."""
        try:
            path = (self._base / name).resolve()
            if path.is_relative_to(self._root) and path.is_file():
                return _bytes_of(path)
        except (OSError, ValueError, RuntimeError, DescriptionError) as error:
            raise KeyError(name) from error
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        for path in _documents(self._root):
            yield os.path.relpath(path, self._base)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _documents(root: Path) -> Iterator[Path]:
    """The files of a folder tree that may be descriptions, the nearest first.

    Only so many entries are looked at: somebody may name their home.
    """
    seen = 0
    level = [root]
    while level:
        below: list[Path] = []
        for path in (path for folder in level for path in _listed(folder)):
            seen += 1
            if seen > limits.MAX_ENTRIES:
                return
            if path.is_dir() and not path.is_symlink():
                below.append(path)
            elif path.suffix in archives.SUFFIXES and path.is_file():
                yield path
        level = below


def _listed(folder: Path) -> list[Path]:
    """What a folder holds, in order of names; nothing where it may not be looked into."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _entry_of(folder: Path) -> Path:
    """The nearest document of a folder tree that says an OpenAPI or Swagger version."""
    beginning, whole = archives.LOOKS
    paths = list(_documents(folder))
    near = (path for path in paths if path.parent == folder)
    looks = ((path, limit) for limit, few in ((beginning, paths), (whole, near)) for path in few)
    for path, limit in looks:
        with path.open("rb") as file:
            if archives.says_version(file.read(limit)):
                return path
    raise DescriptionError(
        "No file in this folder says 'openapi' or 'swagger' and a version.",
        where=str(folder),
        hint="Name the file.",
    )


def _bytes_of(path: Path) -> bytes:
    """A file's bytes; DescriptionError when it is missing, no regular file, or too large."""
    try:
        if path.exists() and not path.is_file():
            raise DescriptionError("This is no file.", where=str(path), hint="Name a file.")
        with path.open("rb") as file:
            data = file.read(limits.MAX_BYTES + 1)
    except OSError as error:
        raise DescriptionError(
            f"The file cannot be read: {error.strerror}.", where=str(path), hint="Check the path."
        ) from error
    if len(data) > limits.MAX_BYTES:
        raise DescriptionError(
            f"The file is larger than {limits.MAX_BYTES // limits.MIB} MiB.", where=str(path)
        )
    return data
