import io
import struct
import zipfile

import pytest

from app.errors import DescriptionError
from app.openapi import archives, limits
from app.openapi.archives import Archive


def packed(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_members_are_read_relative_to_a_folder() -> None:
    data = packed({"api/spec.json": b"{}", "common/Error.json": b"[]", "api/": b""})
    archive = Archive(data)
    assert archive["api/spec.json"] == b"{}"
    beside = archive.beside("api/spec.json")
    assert beside["spec.json"] == b"{}"
    assert beside["../common/Error.json"] == b"[]"
    assert sorted(beside) == ["../common/Error.json", "spec.json"]
    assert len(beside) == 2
    assert sorted(archive) == ["api/spec.json", "common/Error.json"]


@pytest.mark.parametrize("name", ["gone.json", "../../etc/passwd", "/etc/passwd", ""])
def test_a_name_leads_to_members_only(name: str) -> None:
    assert Archive(packed({"a.json": b"{}"})).get(name) is None


def test_a_member_that_goes_up_is_found_under_no_name_that_leads_out() -> None:
    archive = Archive(packed({"../evil.json": b"1", "a.json": b"2"}))
    assert archive.beside("a.json").get("evil.json") is None


@pytest.mark.parametrize(
    ("names", "entry"),
    [
        (["b.yaml", "a/a.json"], "b.yaml"),
        (["a.json", "openapi.yaml"], "openapi.yaml"),
        (["__MACOSX/a.json", "._b.json", "x/._c.json", "c/d.yml"], "c/d.yml"),
        (["a.txt"], None),
    ],
)
def test_the_entry_is_the_nearest_document_that_says_a_version(
    names: list[str], entry: str | None
) -> None:
    files: dict[str, bytes | str] = dict.fromkeys(names, b"openapi: 3.0.0\n")
    assert Archive(packed({**files, "0.json": b"{}"})).entry() == entry


def test_an_entry_may_say_its_version_late() -> None:
    late = b'{"components": {"x": "%s"}, "openapi": "3.1.0"}' % (b"x" * archives.LOOKS[0])
    assert Archive(packed({"a.json": b"{}", "z.json": late})).entry() == "z.json"


def test_what_is_unpacked_of_an_archive_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 25)
    archive = Archive(packed({"a.json": b"x" * 10}))
    assert len(archive["a.json"] + archive.beside("a.json")["a.json"]) == 20
    with pytest.raises(DescriptionError, match="more in it than is looked at"):
        archive.get("a.json")


def test_a_member_too_large_or_oddly_packed_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 100)
    assert Archive(packed({"a.json": b"x" * 101})).get("a.json") is None
    assert Archive(packed({"a.json": b"x" * 100})).get("a.json") == b"x" * 100
    assert Archive(packed({"a.json": b"x"}, zipfile.ZIP_BZIP2)).get("a.json") is None
    assert Archive(packed({"a.json": b"x"}, zipfile.ZIP_BZIP2)).entry() is None


def test_an_encrypted_or_damaged_member_is_none() -> None:
    data = packed({"a.json": b"openapi: 3"}, zipfile.ZIP_STORED)
    assert Archive(data.replace(b"openapi", b"0penap!")).get("a.json") is None
    place = data.index(b"PK\x01\x02") + 8
    encrypted = data[:place] + struct.pack("<H", 1) + data[place + 2 :]
    assert Archive(encrypted).get("a.json") is None
    newer = data[: place - 2] + struct.pack("<H", 99) + data[place:]
    with pytest.raises(DescriptionError, match="damaged"):
        Archive(newer)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04",
        b"PK\x03\x04 and no more" * 10,
        packed({"a": b""})[:-4],
    ],
    ids=["a beginning", "no archive", "cut"],
)
def test_a_damaged_archive_is_refused(data: bytes) -> None:
    with pytest.raises(DescriptionError, match="damaged"):
        Archive(data)


def test_an_archive_of_too_many_files_is_refused_before_its_directory_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_DIRECTORY_BYTES", 100)
    Archive(packed({"a": b""}))
    data = packed({"a": b""})
    larger = data[:-22] + b"PK\x06\x07" + bytes(16) + data[-22:]
    for many in (packed({str(number): b"" for number in range(9)}), larger):
        with pytest.raises(DescriptionError, match="more files"):
            Archive(many)


def test_a_beginning_says_its_version() -> None:
    assert archives.says_version(b'{\n "swagger": "2.0"')
    assert not archives.says_version(b"no version")
    assert archives.says_version(b'{"info":{},"openapi":"3.0.0"}')
    assert not archives.says_version(b'{"openapi": {}}')
