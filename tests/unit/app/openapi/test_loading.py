import gzip

import pytest

from app.errors import DescriptionError
from app.openapi import loading
from app.openapi.loading import Source
from tests.factories.documents import openapi, swagger


def test_a_description_says_what_it_is() -> None:
    description = loading.load_bytes(openapi({"/a": {"get": {}}}, version="3.1.0"))
    assert (description.title, description.version, description.dialect) == ("Pets", "1", "3.1")
    assert [operation.key for operation in description.operations] == ["GET /a"]


def test_a_description_without_information_has_a_title_all_the_same() -> None:
    description = loading.load_bytes(b"openapi: 3.0.0\npaths: {}")
    assert (description.title, description.version) == ("Untitled API", "")
    description = loading.load_bytes(b"openapi: 3.0.0\ninfo: {title: ' ', version: 1.5}\npaths: {}")
    assert (description.title, description.version) == ("Untitled API", "1.5")


def test_yaml_gzip_and_a_source_come_to_the_same() -> None:
    data = (
        b"swagger: 2.0\ninfo: {title: t, version: 1.0}\npaths:\n  /a: {get: {responses: {200: {}}}}"
    )
    plain = loading.load_bytes(data)
    assert plain.operations[0].responses[0].status == "200"
    assert loading.load_bytes(gzip.compress(data)) == plain
    assert loading.load(Source(data)) == plain


def test_definitions_of_swagger_2_become_schemas() -> None:
    description = loading.load_bytes(swagger({}, definitions={"Pet": {"type": "object"}}))
    assert description.schemas == {"Pet": {"type": "object"}}


def test_references_lead_into_the_files_that_were_given() -> None:
    files = {
        "paths/pets.yaml": b"get: {responses: {'200': {$ref: ../common.json#/ok}}}",
        "common.json": b'{"ok": {"content": {"application/json": {"schema": {"$ref": "#/Pet"}}}},'
        b' "Pet": {"properties": {"tag": {"$ref": "Tag.json"}}}}',
        "Tag.json": b'{"type": "string"}',
    }
    data = openapi({"/pets": {"$ref": "paths/pets.yaml"}})
    description = loading.load_bytes(data, origin="openapi.json", files=files)
    assert description.operations[0].responses[0].contents[0].schema == {"$ref": "#/schemas/Pet"}
    assert description.schemas == {
        "Pet": {"properties": {"tag": {"$ref": "#/schemas/Tag"}}},
        "Tag": {"type": "string"},
    }
    assert not description.problems


def test_null_components_are_none() -> None:
    assert loading.load_bytes(openapi({}, components=None)).schemas == {}


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"openapi": "9"}', b"\x89PNG"])
def test_what_is_no_description_raises_one_error(data: bytes) -> None:
    with pytest.raises(DescriptionError) as caught:
        loading.load_bytes(data)
    assert caught.value.where
    assert caught.value.hint


def test_the_result_can_be_written_as_utf_8() -> None:
    data = openapi({"/\ud800": {"get": {"summary": "\udfff", "tags": ["\ud800"]}}})
    description = loading.load_bytes(data)
    assert repr(description).encode()
    assert description.operations[0].path == "/\ufffd"
