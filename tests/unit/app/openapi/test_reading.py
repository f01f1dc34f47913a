import gzip
import io
import os
from pathlib import Path

import pytest

from app.errors import DescriptionError
from app.openapi import limits, loading, reading
from app.openapi.fetching import Fetched, FetchPolicy
from tests.factories.documents import openapi
from tests.unit.app.openapi.test_archives import packed

REFERRING = openapi({"/a": {"$ref": "../common/a.json"}})


def test_a_file_is_read_with_what_it_refers_to_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "paths").mkdir()
    (tmp_path / "openapi.json").write_bytes(openapi({"/a": {"$ref": "paths/a.json"}}))
    (tmp_path / "paths" / "a.json").write_text('{"get": {"$ref": "../openapi.json#/x"}, "put": {}}')
    description = reading.read(str(tmp_path / "openapi.json"))
    assert [operation.key for operation in description.operations] == ["GET /a", "PUT /a"]


def test_a_gzip_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(openapi({"/a": {"get": {}}})))
    assert len(reading.read(str(tmp_path / "a.json.gz")).operations) == 1


def test_a_file_does_not_reach_out_of_its_folder_unless_a_wider_one_is_named(
    tmp_path: Path,
) -> None:
    for folder in ("spec", "common"):
        (tmp_path / folder).mkdir()
    (tmp_path / "spec" / "openapi.json").write_bytes(REFERRING)
    (tmp_path / "common" / "a.json").write_text('{"get": {}}')
    entry = tmp_path / "spec" / "openapi.json"
    assert not reading.read(str(entry)).operations
    assert "was not given" in reading.read(str(entry)).problems[0].message
    assert len(reading.read(str(entry), root=tmp_path).operations) == 1
    assert len(reading.read(str(tmp_path)).operations) == 1


@pytest.mark.parametrize(
    "name", ["../secret.json", "link.json", "folder", "fifo.json", "nul\x00.json", "a" * 5000, ""]
)
def test_a_folder_gives_nothing_but_its_own_files(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (tmp_path / "secret.json").write_text("{}")
    (root / "link.json").symlink_to(tmp_path / "secret.json")
    os.mkfifo(root / "fifo.json")
    assert reading.Folder(root, base=root).get(name) is None


def test_a_folder_lists_its_documents_the_nearest_first(tmp_path: Path) -> None:
    for name in ("b.yml", "a.json", "c.txt", "deep/er/z.yaml", "deep/y.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "loop").symlink_to(tmp_path)
    folder = reading.Folder(tmp_path, base=tmp_path / "deep")
    assert list(folder) == ["../a.json", "../b.yml", "y.json", "er/z.yaml"]
    assert len(folder) == 4
    assert folder["er/z.yaml"] == b"deep/er/z.yaml"


def test_only_so_many_entries_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 3)
    for number in range(5):
        (tmp_path / f"{number}.json").write_text("{}")
    assert len(reading.Folder(tmp_path, base=tmp_path)) == 3


def test_a_folder_that_cannot_be_looked_into_is_empty(tmp_path: Path) -> None:
    assert list(reading.Folder(tmp_path / "gone", base=tmp_path)) == []


def test_the_document_that_says_its_version_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"get": {}}')
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "api.yaml").write_text("# mine\nopenapi: 3.0.3\npaths: {/a: {get: {}}}")
    assert len(reading.read(str(tmp_path)).operations) == 1


def test_a_description_in_a_folder_may_say_its_version_late(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    late = '{"components": {"x": "%s"}, "openapi": "3.1.0"}' % ("x" * 70_000)
    for name in ("a.json", "deep/z.json"):
        (tmp_path / name).write_text(late)
    assert reading.read(str(tmp_path)).dialect == "3.1"
    (tmp_path / "a.json").unlink()
    with pytest.raises(DescriptionError, match="No file in this folder"):
        reading.read(str(tmp_path))


def test_a_folder_without_description_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(DescriptionError, match="No file in this folder") as caught:
        reading.read(str(tmp_path))
    assert caught.value.where == str(tmp_path)


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match="cannot be read: No such file"):
        reading.read(str(tmp_path / "gone.json"))
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(DescriptionError, match="This is no file"):
        reading.read(str(tmp_path / "fifo"))


def test_a_file_that_is_too_large_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.json").write_bytes(b"x" * 1001)
    monkeypatch.setattr(limits, "MAX_BYTES", 1000)
    with pytest.raises(DescriptionError, match="larger than"):
        reading.read(str(tmp_path / "a.json"))
    assert reading.Folder(tmp_path, base=tmp_path).get("a.json") is None


def test_a_url_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, FetchPolicy]] = []

    def fetch(url: str, *, policy: FetchPolicy) -> Fetched:
        asked.append((url, policy))
        return Fetched(openapi({"/a": {"get": {}}}), "https://api.example.com/openapi.json")

    monkeypatch.setattr("app.openapi.fetching.fetch", fetch)
    policy = FetchPolicy()
    description = reading.read("HTTPS://api.example.com/o", policy=policy)
    assert description.servers == ("https://api.example.com",)
    assert asked == [("HTTPS://api.example.com/o", policy)]


def test_a_curl_command_is_read_as_it_stands() -> None:
    description = reading.read("curl https://a.example/pets/1 -X DELETE")
    assert [operation.key for operation in description.operations] == ["DELETE /pets/{petId}"]


def test_the_input_is_read() -> None:
    opened = reading.opened("-", stdin=io.BytesIO(openapi({"/a": {"get": {}}})))
    assert len(loading.load(opened.source).operations) == 1


def test_an_archive_of_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "api.zip").write_bytes(packed({"x/openapi.json": openapi({"/a": {"get": {}}})}))
    assert len(reading.read(str(tmp_path / "api.zip")).operations) == 1
