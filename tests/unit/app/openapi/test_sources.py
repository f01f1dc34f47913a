import gzip
import json

import pytest

from app.errors import DescriptionError
from app.openapi import limits, loading, sources
from tests.factories.documents import openapi
from tests.unit.app.openapi.test_archives import packed

CURL = b"curl https://a.example/pets/1 -H 'X-Api-Key: s3cret'"


def test_a_description_stays_as_it_is() -> None:
    data = gzip.compress(openapi({}))
    opened = sources.opened(data, origin="a.json.gz", files={"b.json": b"{}"})
    assert (opened.kept, opened.source.data) == (data, data)
    assert (opened.source.origin, opened.source.files) == ("a.json.gz", {"b.json": b"{}"})


@pytest.mark.parametrize(
    "data",
    [CURL, gzip.compress(CURL), packed({"a.json": b"{}", "c.json": CURL})],
    ids=["plain", "gzip", "zip"],
)
def test_an_import_is_kept_as_the_description_it_is_told_as(data: bytes) -> None:
    opened = sources.opened(data)
    assert json.loads(opened.kept)["openapi"] == "3.1.0"
    assert b"s3cret" not in opened.kept
    description = loading.load(opened.source)
    assert [operation.key for operation in description.operations] == ["GET /pets/{petId}"]
    assert "Credentials are left out" in description.problems[0].message
    assert loading.load(sources.opened(opened.kept).source).operations == description.operations


def test_an_archive_is_a_description_with_the_files_it_refers_to() -> None:
    data = packed(
        {
            "api/openapi.json": openapi({"/a": {"$ref": "../paths/a.yaml"}}),
            "paths/a.yaml": b"get: {}\nput: {$ref: '../api/openapi.json#/x'}",
        }
    )
    opened = sources.opened(data, origin="upload.zip")
    description = loading.load(opened.source)
    assert [operation.key for operation in description.operations] == ["GET /a", "PUT /a"]
    assert opened.kept == data


def test_relative_servers_are_resolved_against_the_address_of_an_archive() -> None:
    data = packed({"a.json": openapi({}, servers=[{"url": "/v1"}])})
    opened = sources.opened(data, origin="https://a.example/files/api.zip")
    assert loading.load(opened.source).servers == ("https://a.example/v1",)


@pytest.mark.parametrize("origin", ["a.json", "https://a.example/spec.YAML?x=1"])
def test_an_archive_under_another_name_is_a_mistake(origin: str) -> None:
    with pytest.raises(DescriptionError, match="is a zip archive, and its name ends in"):
        sources.opened(packed({"openapi.json": openapi({})}), origin=origin)


def test_an_archive_without_description_is_refused() -> None:
    with pytest.raises(DescriptionError, match="No file in this zip archive"):
        sources.opened(packed({"a.json": b"{}", "b.txt": openapi({})}))


def test_an_entry_that_is_too_large_is_no_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed({"a.json": openapi({}, padding="x" * 5000)})
    monkeypatch.setattr(limits, "MAX_BYTES", 4000)
    with pytest.raises(DescriptionError, match="No file in this zip archive"):
        sources.opened(data)
