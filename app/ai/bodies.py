"""Chooses the media type of a request body and lays a value out in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from app.ai import merging, quoting, serialising
from app.ai.requests import Body as SentBody
from app.openapi.model import Content, Encoding, Schema
from testops.contract import essence
from testops.json_values import Json

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_ANYTHING = frozenset({"*/*", "application/*"})
_FILE = b"Content of a small file."


def usable(contents: tuple[Content, ...]) -> Iterator[Content]:
    """The contents a request can be made of, the plainest media type first."""
    ranked = ((_rank(content.media_type), content) for content in contents)
    return (content for rank, content in sorted(ranked, key=lambda pair: pair[0]) if rank < _NEVER)


def is_made(content: Content) -> bool:
    """Whether a value for it is made from its schema; false where it is taken as plain text."""
    return _rank(content.media_type) <= _RANK_MULTIPART


def is_json(content: Content) -> bool:
    """Whether the body is JSON."""
    return _rank(content.media_type) <= _RANK_ANYTHING


def plain(content: Content) -> SentBody:
    """The body where no value is made: any bytes or text are a file or a text."""
    if essence(content.media_type) == "text/plain":
        return SentBody("content", _FILE.decode(), content.media_type)
    return SentBody("content", _FILE, content.media_type)


def laid_out(content: Content, value: Json, schemas: Mapping[str, Schema]) -> SentBody | None:
    """The value in the content's media type; None where it has no place in it."""
    if is_json(content):
        own = content.media_type if essence(content.media_type) not in _DEFAULT_JSON else ""
        return SentBody("json", value, own)
    if not isinstance(value, Mapping):
        return None
    if essence(content.media_type) == _FORM:
        return SentBody("data", _fields(value, content.encodings))
    files = _file_names(content.schema, schemas)
    kinds = {name: each.content_type for name, each in content.encodings.items()}
    parts = {
        name: _part(item, kinds.get(name, ""), is_file=name in files)
        for name, item in value.items()
    }
    return SentBody("files", parts)


def _fields(value: Mapping[str, Json], encodings: Mapping[str, Encoding]) -> dict[str, Json]:
    """The fields of a form; a list repeats its name unless its encoding says otherwise."""
    found: dict[str, Json] = {}
    for name, item in value.items():
        encoding = encodings.get(name)
        laid_out = serialising.field(name, item, encoding) if encoding else {name: item}
        found.update({key: _field(part) for key, part in laid_out.items()})
    return found


def _field(value: Json) -> Json:
    if isinstance(value, list):
        return [serialising.text(item) for item in value]
    return serialising.text(value)


def _part(value: Json, content_type: str, *, is_file: bool) -> Json:
    """A part of a multipart body as httpx takes it: file name, content, media type."""
    if is_file:
        return ("example.txt", _FILE, content_type or "text/plain")
    text = serialising.text(value)
    return (None, text, content_type) if content_type else (None, text)


def _file_names(schema: Schema, schemas: Mapping[str, Schema]) -> frozenset[str]:
    """Properties that are files: `format: binary`, or a media type of their own (3.1)."""
    properties = (merging.merged(schema, schemas) or {}).get("properties", {})
    return frozenset(name for name, part in properties.items() if _is_file(part, schemas))


def _is_file(schema: Schema, schemas: Mapping[str, Schema]) -> bool:
    whole = merging.merged(schema, schemas) or {}
    if whole.get("type") == "array":
        return _is_file(whole.get("items", True), schemas)
    return whole.get("format") == "binary" or "contentMediaType" in whole


_DEFAULT_JSON = frozenset({"application/json", *_ANYTHING})
_RANK_ANYTHING = 2
_RANK_MULTIPART = 4
_NEVER = 9


def _rank(media_type: str) -> int:
    """How plain a media type is; `_NEVER` for one that no request is made of."""
    name = essence(media_type)
    if name in _ANYTHING:
        return _RANK_ANYTHING
    if not _MEDIA_TYPE.fullmatch(media_type) or not quoting.is_header_text(media_type):
        return _NEVER
    if name.endswith("+json"):
        return 1
    return _RANKS.get(name, _NEVER) if "charset=utf-16" not in media_type.lower() else _NEVER


_RANKS = {
    "application/json": 0,
    _FORM: 3,
    _MULTIPART: _RANK_MULTIPART,
    "text/plain": 5,
    "application/octet-stream": 6,
}
