"""From bytes as they came in to a source that can be loaded: a description, or what becomes one.

Descriptions themselves, gzip or not; zip archives of them; Postman collections, HAR recordings and
curl command lines, which are told as a description first.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.errors import DescriptionError
from app.openapi import archives, decoding
from app.openapi.imports import kinds
from app.openapi.loading import Source


@dataclass(frozen=True, slots=True)
class Opened:
    """A source, and what has to be kept so that it can be opened again."""

    source: Source
    #: The bytes as they came, or the description that an import was told as: what a recording
    #: held of somebody's session is not in it.
    kept: bytes


def opened(data: bytes, *, origin: str = "", files: Mapping[str, bytes] | None = None) -> Opened:
    """What to load of some bytes; `origin` and `files` are those of `Source`.

    DescriptionError where an archive or an import cannot be read. Descriptions are not looked into.
    """
    plain = decoding.unpacked(data, "#")
    if plain.startswith(archives.MAGIC):
        return _of_archive(plain, origin)
    imported = kinds.imported(plain)
    if imported:
        return Opened(Source(imported.data, problems=imported.problems), imported.data)
    return Opened(Source(data, origin, files or {}), data)


def _of_archive(data: bytes, origin: str) -> Opened:
    """The nearest description in an archive, or else the nearest import."""
    _refuse_misnamed(origin)
    archive = archives.Archive(data)
    name = archive.entry()
    entry = archive.get(name) if name else None
    if name and entry is not None:
        beside = archive.beside(name)
        # Relative servers are resolved against the address; a file's name says what refers to it.
        place = origin if "://" in origin else posixpath.basename(name)
        return Opened(Source(entry, place, beside), data)
    for document in archive.documents():
        found = archive.get(document)
        imported = kinds.imported(found) if found else None
        if imported:
            return Opened(Source(imported.data, problems=imported.problems), imported.data)
    raise DescriptionError(
        "No file in this zip archive says 'openapi' or 'swagger' and a version.",
        where="#",
        hint="Put the description and the files it refers to into it, without a password.",
    )


def _refuse_misnamed(origin: str) -> None:
    """A name that says JSON or YAML over an archive tells of a download that went wrong."""
    path = urlsplit(origin).path if "://" in origin else origin
    suffix = posixpath.splitext(path)[1].lower()
    if suffix in archives.SUFFIXES:
        raise DescriptionError(
            f"This is a zip archive, and its name ends in {suffix}.",
            where="#",
            hint="Name it .zip if it is meant to be one.",
        )
