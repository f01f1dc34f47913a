from __future__ import annotations

from dataclasses import replace

import pytest

from app.ai import bodies
from app.ai.requests import Body
from app.openapi.model import Encoding
from testops.json_values import Json
from tests.factories.descriptions import content


def test_the_plainest_media_type_comes_first_and_odd_ones_not_at_all() -> None:
    names = [
        *("application/xml", "application/octet-stream", "text/plain", "multipart/form-data"),
        *("application/x-www-form-urlencoded", "*/*", "application/hal+json"),
        *("application/json; charset=utf-8", "json", "", 'a/b"\r\nX: y'),
        "text/plain; charset=utf-16",
    ]
    usable = bodies.usable(tuple(content(media_type=name) for name in names))

    assert [each.media_type for each in usable] == [
        *("application/json; charset=utf-8", "application/hal+json", "*/*"),
        *("application/x-www-form-urlencoded", "multipart/form-data"),
        *("text/plain", "application/octet-stream"),
    ]


@pytest.mark.parametrize(
    ("media_type", "sent_as"),
    [
        ("application/json", ""),
        ("*/*", ""),
        ("application/merge-patch+json", "application/merge-patch+json"),
    ],
)
def test_json_is_laid_out_as_it_is(media_type: str, sent_as: str) -> None:
    body = bodies.laid_out(content(media_type=media_type), [1], {})

    assert body == Body("json", [1], sent_as)


def test_a_form_holds_texts_and_lists_of_texts() -> None:
    form = content(media_type="application/x-www-form-urlencoded")
    value = {"n": 1, "ok": True, "tags": ["a", 2], "deep": {"a": None}}

    assert bodies.laid_out(form, value, {}) == Body(
        "data", {"n": "1", "ok": "true", "tags": ["a", "2"], "deep": '{"a": null}'}
    )
    assert bodies.laid_out(form, "text", {}) is None


def test_a_multipart_body_holds_texts_and_files() -> None:
    binary: dict[str, Json] = {"type": "string", "format": "binary"}
    schema: dict[str, Json] = {
        "properties": {
            "one": binary,
            "many": {"type": "array", "items": {"$ref": "#/schemas/File"}},
            "new": {"contentMediaType": "image/png"},
            "note": {"type": "string"},
        }
    }
    value = dict.fromkeys(("one", "many", "new", "note"), "x")
    file = ("example.txt", b"Content of a small file.", "text/plain")

    body = bodies.laid_out(content(schema, "multipart/form-data"), value, {"File": binary})

    assert body == Body("files", {"one": file, "many": file, "new": file, "note": (None, "x")})


def test_plain_content_is_text_or_bytes() -> None:
    text = bodies.plain(content(media_type="text/plain"))
    stream = bodies.plain(content(media_type="application/octet-stream"))

    assert (type(text.value), text.media_type) == (str, "text/plain")
    assert (type(stream.value), stream.media_type) == (bytes, "application/octet-stream")
    assert not bodies.is_made(content(media_type="text/plain"))
    assert bodies.is_json(content())
    assert not bodies.is_json(content(media_type="multipart/form-data"))


def test_a_form_follows_its_encodings() -> None:
    form = replace(
        content(media_type="application/x-www-form-urlencoded"),
        encodings={
            "tags": Encoding(style="pipeDelimited", explode=False),
            "point": Encoding(style="deepObject"),
            "names": Encoding(),
        },
    )
    value = {"tags": [1, 2], "point": {"x": 1}, "names": ["a", 2], "n": 3}
    assert bodies.laid_out(form, value, {}) == Body(
        "data", {"tags": "1|2", "point[x]": "1", "names": ["a", "2"], "n": "3"}
    )


def test_a_part_has_the_content_type_of_its_encoding() -> None:
    schema = {"properties": {"image": {"type": "string", "format": "binary"}}}
    form = replace(
        content(schema, "multipart/form-data"),
        encodings={"image": Encoding("image/png"), "about": Encoding("application/json")},
    )
    body = bodies.laid_out(form, {"image": "", "about": {"a": 1}, "n": 1}, {})
    assert body is not None
    assert body.value == {
        "image": ("example.txt", bodies._FILE, "image/png"),
        "about": (None, '{"a": 1}', "application/json"),
        "n": (None, "1"),
    }
