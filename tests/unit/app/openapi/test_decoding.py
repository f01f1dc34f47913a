import gzip

import pytest

from app.errors import DescriptionError
from app.openapi import decoding, limits
from app.openapi.problems import Problems


def read(data: bytes) -> str:
    return decoding.text_of(data, document="", problems=Problems())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_encoding_is_read_and_its_mark_removed(encoding: str) -> None:
    assert read("openapi: é😀".encode(encoding)) == "openapi: é😀"


def test_big_endian_marks_are_read() -> None:
    assert read(b"\xfe\xff" + "é".encode("utf-16-be")) == "é"
    assert read(b"\x00\x00\xfe\xff" + "é".encode("utf-32-be")) == "é"


def test_text_that_is_not_utf_8_is_read_as_windows_1252_and_said_so() -> None:
    problems = Problems()
    assert decoding.text_of("café ü".encode("cp1252"), document="", problems=problems) == ("café ü")
    (problem,) = problems.listed()
    assert "Not UTF-8 (byte 3)" in problem.message


def test_a_mark_that_lies_is_refused() -> None:
    with pytest.raises(DescriptionError, match="byte order mark says utf-16-le, but byte"):
        read(b"\xff\xfea")


@pytest.mark.parametrize("data", [b"", b" \n\t ", gzip.compress(b"", mtime=0)])
def test_nothing_is_refused(data: bytes) -> None:
    with pytest.raises(DescriptionError, match="is empty"):
        read(data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"PK\x03\x04xx", "zip archive"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"%PDF-1.7", "PDF")],
)
def test_well_known_files_are_called_by_their_name(data: bytes, kind: str) -> None:
    with pytest.raises(DescriptionError, match=kind):
        read(data)


def test_control_characters_are_refused_with_their_place() -> None:
    with pytest.raises(DescriptionError, match=r"U\+0000 at character 3"):
        read(b"abc\x00")
    with pytest.raises(DescriptionError, match="binary"):
        read(b"\xff\x01\x02")


def test_gzip_is_unpacked_member_by_member() -> None:
    assert read(gzip.compress(b"open") + gzip.compress(b"api") + b"trailing") == "openapi"


def test_members_without_end_are_not_followed() -> None:
    data = gzip.compress(b"") * (limits.MAX_GZIP_MEMBERS + 10) + gzip.compress(b"late")
    with pytest.raises(DescriptionError, match="is empty"):
        read(data)


def test_gzip_twice_is_refused() -> None:
    with pytest.raises(DescriptionError, match="compressed twice"):
        read(gzip.compress(gzip.compress(b"openapi")))


def test_gzip_that_ends_too_early_or_is_damaged_is_refused() -> None:
    packed = gzip.compress(b"openapi: 3.0.3 " * 100)
    with pytest.raises(DescriptionError, match="ends too early"):
        read(packed[:-9])
    with pytest.raises(DescriptionError, match="damaged"):
        read(packed[:-8] + b"\xff" * 8)


def test_a_gzip_bomb_is_refused_before_it_unfolds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 1000)
    with pytest.raises(DescriptionError, match="larger than"):
        read(gzip.compress(b" " * 1001))
    with pytest.raises(DescriptionError, match="larger than"):
        read(gzip.compress(b"a" * 600) + gzip.compress(b"b" * 600))


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 1000)
    with pytest.raises(DescriptionError, match="larger than"):
        read(b"a" * 1001)
    with pytest.raises(DescriptionError, match="larger than"):
        read(b"\x1f\x8b" * 501)


@pytest.mark.parametrize(("character", "width"), [("a", 1), ("é", 1), ("ā", 2), ("😀", 4)])
def test_text_is_measured_as_wide_as_memory_will_hold_it(
    character: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (character + "a" * 100).encode()
    monkeypatch.setattr(limits, "MAX_TEXT_BYTES", len(data) * width)
    assert read(data).startswith(character)
    monkeypatch.setattr(limits, "MAX_TEXT_BYTES", len(data) * width - 1)
    with pytest.raises(DescriptionError, match="larger than"):
        read(data)
