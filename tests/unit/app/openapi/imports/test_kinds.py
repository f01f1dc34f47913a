import json

import pytest

from app.errors import DescriptionError
from app.openapi import limits
from app.openapi.imports import kinds

HAR = {
    "log": {
        "entries": [
            {
                "request": {"method": "GET", "url": "https://a.example/x"},
                "response": {"status": 200, "content": {"mimeType": "application/json"}},
            }
        ]
    }
}
POSTMAN = {
    "info": {
        "name": "c",
        "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    "item": [{"name": "r", "request": {"method": "GET", "url": "https://a.example/x"}}],
}


@pytest.mark.parametrize(
    "data",
    [json.dumps(HAR).encode(), json.dumps(POSTMAN).encode(), b"curl https://a.example/x"],
    ids=["har", "postman", "curl"],
)
def test_what_another_tool_kept_becomes_a_description(data: bytes) -> None:
    found = kinds.imported(data)
    assert found is not None
    told = json.loads(found.data)
    assert told["openapi"] == "3.1.0"
    assert list(told["paths"]) == ["/x"]
    assert found.problems == ()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'{"openapi": "3.0.0"}',
        b'{"log": {}}',
        b'{"openapi": "3.0.0", "info": {"description": "see postman.com/collection"}}',
        b"curly: true",
        b"\x89PNG",
    ],
)
def test_anything_else_is_left_to_others(data: bytes) -> None:
    assert kinds.imported(data) is None


def test_a_large_file_is_left_to_those_who_refuse_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 10)
    assert kinds.imported(b"curl https://a.example/x") is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"curl 'https://a.example", "quote is left open"),
        (b"curl --silent", "no request in it"),
        (b'{"log": {"entries": [', "Not readable"),
        (b'{"log": {"entries": []}}', "no request in it"),
    ],
)
def test_what_cannot_be_read_is_one_error(data: bytes, message: str) -> None:
    with pytest.raises(DescriptionError, match=message) as caught:
        kinds.imported(data)
    assert caught.value.where


def test_credentials_are_not_in_what_is_kept() -> None:
    found = kinds.imported(b"curl https://a.example/x -H 'Authorization: Bearer s3cret'")
    assert found is not None
    assert b"s3cret" not in found.data
    assert "Credentials" in found.problems[0].message
