"""From bytes to text: gzip, byte order marks, encodings, and files that are no text at all."""

from __future__ import annotations

import codecs
import re
import zlib

from app.errors import DescriptionError
from app.openapi import limits
from app.openapi.problems import Problems

_GZIP = b"\x1f\x8b"
_HINT = "Give an OpenAPI or Swagger description as JSON or YAML."
#: First bytes of files that are no text, and what they are.
_MAGIC = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"\x7fELF": "a program",
    b"7z\xbc\xaf": "a 7z archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
}
#: Longer marks first: the one of UTF-16 LE begins the one of UTF-32 LE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FOUR_BYTES = re.compile(rb"[\xf0-\xf4]")
_TWO_BYTES = re.compile(rb"[\xc4-\xef]")


def text_of(data: bytes, *, document: str, problems: Problems) -> str:
    """The text of a document; `document` names it in errors.

    UTF-8, UTF-16 and UTF-32 (with a byte order mark) are read, all else as Windows-1252 with a
    problem noted. DescriptionError for what is too large, compressed twice, or no text.
    """
    where = document or "#"
    data = unpacked(data, where)
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            raise DescriptionError(f"This is {kind}.", where=where, hint=_HINT)
    _refuse_wide(data, where)
    text = _decoded(data, where, problems)
    if not text.strip():
        raise DescriptionError("The description is empty.", where=where, hint=_HINT)
    return text


def unpacked(data: bytes, where: str) -> bytes:
    """The bytes without gzip; DescriptionError for what is too large or compressed twice."""
    if data.startswith(_GZIP) and len(data) <= limits.MAX_BYTES:
        data = _gunzip(data, where)
        if data.startswith(_GZIP):
            raise DescriptionError("The file is compressed twice.", where=where, hint=_HINT)
    if len(data) > limits.MAX_BYTES:
        raise _too_large(where)
    return data


def _gunzip(data: bytes, where: str) -> bytes:
    """Every member of a gzip file (RFC 1952), never more than the limit plus one byte."""
    unpacked = b""
    try:
        for _ in range(limits.MAX_GZIP_MEMBERS):
            member = zlib.decompressobj(wbits=31)
            unpacked += member.decompress(data, limits.MAX_BYTES + 1 - len(unpacked))
            if len(unpacked) > limits.MAX_BYTES:
                raise _too_large(where)
            if not member.eof:
                raise DescriptionError("The gzip file ends too early.", where=where, hint=_HINT)
            data = member.unused_data
            if not data.startswith(_GZIP):
                break
    except zlib.error as error:
        raise DescriptionError(f"The gzip file is damaged: {error}.", where=where) from error
    return unpacked


def _too_large(where: str) -> DescriptionError:
    return DescriptionError(
        f"The description is larger than {limits.MAX_BYTES // limits.MIB} MiB.",
        where=where,
        hint="Split it, or leave out what is not to be tested.",
    )


def _refuse_wide(data: bytes, where: str) -> None:
    """Refuse text whose few wide characters would make Python store it several times as large."""
    width = 4 if _FOUR_BYTES.search(data) else 2 if _TWO_BYTES.search(data) else 1
    if len(data) * width > limits.MAX_TEXT_BYTES:
        raise _too_large(where)


def _decoded(data: bytes, where: str, problems: Problems) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data.removeprefix(mark), encoding, where)
    try:
        return _printable(data.decode(), where)
    except UnicodeDecodeError as error:
        text = _printable(data.decode("cp1252", errors="replace"), where)
        problems.add(where, f"Not UTF-8 (byte {error.start}); it was read as Windows-1252.")
        return text


def _strict(data: bytes, encoding: str, where: str) -> str:
    try:
        return _printable(data.decode(encoding), where)
    except UnicodeDecodeError as error:
        raise DescriptionError(
            f"The byte order mark says {encoding}, but byte {error.start} is not.",
            where=where,
            hint="Save the file as UTF-8.",
        ) from error


def _printable(text: str, where: str) -> str:
    found = _BINARY.search(text)
    if found:
        raise DescriptionError(
            f"The file holds the control character U+{ord(found[0]):04X} at character"
            f" {found.start()}: it is binary or damaged.",
            where=where,
            hint=_HINT,
        )
    return text
