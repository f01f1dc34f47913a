"""Reads a zip archive with the documents of one description, or of one import.

Nothing is unpacked to disk, and a member only when a reference asks for it; a name leads to members
and nowhere else, whatever it says.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from app.errors import DescriptionError
from app.openapi import limits

#: How a zip archive begins; an empty one has no member to begin with.
MAGIC = b"PK\x03\x04"

SUFFIXES = frozenset({".json", ".yaml", ".yml"})
#: How an entry document says its version. Linear, whatever it is asked of.
_VERSION = re.compile(
    rb"(?:^|[{,])[ \t]*+[\"']?(?:openapi|swagger)[\"']?[ \t]*+:\s*+[\"']?[1-9]", re.MULTILINE
)
#: Bytes in which an entry document says its version, or in all of them: JSON may be sorted by key.
LOOKS = (64 * 1024, limits.MAX_BYTES)
_HINT = "Give a zip archive with the description and the files it refers to."
#: The end of a zip archive (APPNOTE 4.3.16): its signature, and where it says how long the central
#: directory is. What stands after it is a comment of up to 65,535 bytes.
_END, _END_BYTES, _COMMENT_BYTES = b"PK\x05\x06", 22, 65_535
#: Right before it stands what leads to a larger directory (APPNOTE 4.3.15), where there is one.
_ZIP64, _LOCATOR_BYTES = b"PK\x06\x07", 20
_IS_ENCRYPTED = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
#: What reading an archive that is none, or not all of one, raises; zipfile has NotImplementedError
#: for methods and versions that it does not know.
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, OSError, ValueError, NotImplementedError),
)
#: What macOS puts beside the files themselves.
_DEBRIS = re.compile(r"(?:^|/)(?:__MACOSX/|\._)")
_USUAL_NAME = re.compile(r"(?i)(?:openapi|swagger)\.[a-z]+")


def says_version(beginning: bytes) -> bool:
    """Whether a document, or its beginning, says an OpenAPI or Swagger version."""
    return bool(_VERSION.search(beginning))


class Archive(Mapping[str, bytes]):
    """The members of a zip archive, by path relative to a base folder, unpacked when asked for."""

    def __init__(self, data: bytes, *, base: str = "") -> None:
        """DescriptionError where the archive is damaged, or has more in it than is looked at."""
        _refuse_many(data)
        self._base = base
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise _refused(f"The zip archive is damaged: {error}.") from error
        #: Bytes that may still be unpacked, by all who read this archive.
        self._left = [limits.MAX_UNPACKED_BYTES]
        self._members = {
            posixpath.normpath(info.filename): info
            for info in self._zip.infolist()
            if not info.is_dir() and not _DEBRIS.search(info.filename)
        }

    def beside(self, name: str) -> Archive:
        """The same members, by path relative to the folder of one of them."""
        moved = object.__new__(Archive)
        moved._zip, moved._members, moved._left = self._zip, self._members, self._left
        moved._base = posixpath.dirname(name)
        return moved

    def __getitem__(self, name: str) -> bytes:
        """The bytes of a member; KeyError for what is none, is encrypted, damaged or too large.

        DescriptionError where all that was asked for is too much.
        """
        info = self._members[posixpath.normpath(posixpath.join(self._base, name))]
        return self._read(info, limits.MAX_BYTES)

    def __iter__(self) -> Iterator[str]:
        for name in self._members:
            yield posixpath.relpath(name, self._base or ".")

    def __len__(self) -> int:
        return len(self._members)

    def documents(self) -> list[str]:
        """The members that may be descriptions, the nearest first and the usual names before."""
        names = [name for name in self._members if posixpath.splitext(name)[1] in SUFFIXES]
        return sorted(names, key=_rank)

    def entry(self) -> str | None:
        """The nearest document that says a version; None where no member does."""
        names = self.documents()
        looks = ((name, limit) for limit in LOOKS for name in names)
        return next((name for name, limit in looks if self._says_version(name, limit)), None)

    def _says_version(self, name: str, limit: int) -> bool:
        try:
            return says_version(self._read(self._members[name], limit, cut=True))
        except KeyError:
            return False

    def _read(self, info: zipfile.ZipInfo, limit: int, *, cut: bool = False) -> bytes:
        if info.flag_bits & _IS_ENCRYPTED or info.compress_type not in _METHODS:
            raise KeyError(info.filename)
        try:
            with self._zip.open(info) as member:
                data = member.read(limit + 1)
        except _DAMAGE as error:
            raise KeyError(info.filename) from error
        self._left[0] -= len(data)
        if self._left[0] < 0:
            raise _refused("The zip archive has more in it than is looked at.")
        if len(data) > limit and not cut:
            raise KeyError(info.filename)
        return data


def _refuse_many(data: bytes) -> None:
    """Refuse an archive whose directory alone would fill the memory, before it is read."""
    tail = data[-(_END_BYTES + _COMMENT_BYTES + _LOCATOR_BYTES) :]
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_BYTES:
        raise _refused("The zip archive is damaged: it has no end.")
    (size,) = struct.unpack_from("<L", tail, place + 12)
    if size > limits.MAX_DIRECTORY_BYTES or tail[:place][-_LOCATOR_BYTES:].startswith(_ZIP64):
        raise _refused("The zip archive has more files than are looked at.")


def _rank(name: str) -> tuple[int, bool, str]:
    return name.count("/"), not _USUAL_NAME.fullmatch(posixpath.basename(name)), name


def _refused(reason: str) -> DescriptionError:
    return DescriptionError(reason, where="#", hint=_HINT)
