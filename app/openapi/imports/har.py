"""Reads HAR 1.1 and 1.2: what a browser or a proxy recorded (w3c.github.io/web-performance).

A recording holds all that a page loads; kept is what asks an API.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl

from app.openapi.imports import addresses
from app.openapi.imports.samples import Answer, FormField, Kept, Pairs, Payload, Remark, Sample
from app.openapi.tree import Json, Node, prose

_READS = frozenset({"GET", "HEAD"})
#: What scripts ask for, as Chromium's recordings tell it.
_API_RESOURCES = frozenset({"fetch", "xhr"})
_DATA_TYPES = ("json", "xml", "csv", "yaml")
_NO_DATA_TYPES = ("xhtml+xml", "svg+xml")


def is_recording(tree: Json) -> bool:
    """Whether a document is a HAR."""
    log = tree.get("log") if isinstance(tree, dict) else None
    return isinstance(log, dict) and isinstance(log.get("entries"), list)


def read(tree: Json) -> Kept:
    """The requests that asked an API, in the order they were sent."""
    entries = list(_entries(Node("", tree)))
    kept = [entry for entry in entries if _asks_api(entry)]
    remarks = []
    if left := len(entries) - len(kept):
        message = f"{left} recorded requests are left out: pages, scripts, images and the like."
        remarks.append(Remark("#/log/entries", message))
    samples = tuple(_sample(entry) for entry in kept)
    hosts = [sample.origin.partition("://")[2] for sample in samples]
    title = f"Recording of {Counter(hosts).most_common(1)[0][0]}" if hosts else "Recording"
    return Kept(title, samples, tuple(remarks))


def _entries(root: Node) -> Iterator[Node]:
    log = root.get("log")
    entries = log.get("entries") if log else None
    for entry in entries.elements() if entries else ():
        if entry.get("request"):
            yield entry


def _asks_api(entry: Node) -> bool:
    """Whether a script asked, or data was answered, or something was sent; but no preflight."""
    request = entry.get("request") or entry
    method = _text(request, "method").upper()
    if method in {"CONNECT", "OPTIONS"} or not addresses.read(_text(request, "url")).origin:
        return False
    answered = _media_type(entry).lower()
    if any(kind in answered for kind in _NO_DATA_TYPES):
        return False
    return (
        method not in _READS
        or _text(entry, "_resourceType") in _API_RESOURCES
        or any(kind in answered for kind in _DATA_TYPES)
    )


def _sample(entry: Node) -> Sample:
    request = entry.get("request") or entry
    address = addresses.read(_text(request, "url"))
    return Sample(
        method=_text(request, "method").upper(),
        origin=address.origin,
        path=address.path,
        pointer=request.pointer,
        query=tuple(parse_qsl(address.query, keep_blank_values=True)),
        headers=_pairs(request, "headers"),
        body=_body(request),
        answers=tuple(_answers(entry)),
    )


def _body(request: Node) -> Payload | None:
    data = request.get("postData")
    if data is None:
        return None
    media_type, text = _text(data, "mimeType"), _raw(data, "text")
    if "form" not in media_type:
        return Payload(media_type, text) if text else None
    fields = [
        FormField(_text(each, "name"), _raw(each, "value"), bool(_text(each, "fileName")))
        for each in (data.get("params") or data.child("params", [])).elements()
    ]
    if not fields and "urlencoded" in media_type:
        fields = [FormField(*pair) for pair in parse_qsl(text, keep_blank_values=True)]
    return Payload(media_type, fields=tuple(fields)) if fields else None


def _answers(entry: Node) -> Iterator[Answer]:
    """What was answered, errors aside: those show what happened, not what is right."""
    response = entry.get("response")
    status = response.value.get("status") if response and isinstance(response.value, dict) else 0
    content = response.get("content") if response else None
    if isinstance(status, int) and _OK <= status < _ERROR:
        media_type = _media_type(entry)
        text = _raw(content, "text") if content and not _text(content, "encoding") else ""
        payload = Payload(media_type, text) if media_type else None
        yield Answer(status, "As recorded.", payload)


_OK, _ERROR = 200, 400


def _media_type(entry: Node) -> str:
    response = entry.get("response")
    content = response.get("content") if response else None
    named = _text(content, "mimeType") if content else ""
    return "" if named == "x-unknown" else named


def _pairs(owner: Node, key: str) -> Pairs:
    listed = owner.get(key)
    return tuple(
        (_text(each, "name"), _raw(each, "value"))
        for each in (listed.elements() if listed else ())
        if _text(each, "name")
    )


def _text(node: Node, key: str) -> str:
    return prose(node.value.get(key)) if isinstance(node.value, dict) else ""


def _raw(node: Node, key: str) -> str:
    """A text exactly as it was sent."""
    value = node.value.get(key) if isinstance(node.value, dict) else None
    return value if isinstance(value, str) else ""
