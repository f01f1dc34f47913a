"""The bodies of a Postman collection's requests, in each of its modes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from app.openapi.imports.samples import FormField, Payload
from app.openapi.imports.variables import Variables, entries, is_disabled, text
from app.openapi.tree import Json, Node

#: A variable that is a whole value of JSON, without quotes.
_BARE = re.compile(r"(?<=[:,\[])(\s*)\{\{\s*([^{}]+?)\s*\}\}(?=\s*[,}\]])")
_LANGUAGES = {
    "json": "application/json",
    "xml": "application/xml",
    "html": "text/html",
    "javascript": "application/javascript",
}


def of_request(request: Node, variables: Variables) -> Payload | None:
    """The body of a request; None where it has none, or it is switched off."""
    body = request.get("body")
    mode = text(body, "mode")
    if body is None or is_disabled(body):
        return None
    if mode == "raw":
        raw = variables.filled(_with_numbers(text(body, "raw"), variables))
        return Payload(_raw_type(request, body, raw), raw) if raw.strip() else None
    if mode == "graphql":
        return Payload("application/json", json.dumps(_graphql(body.get("graphql"), variables)))
    if mode == "file":
        return Payload(header(request, "content-type") or "application/octet-stream")
    fields = tuple(_fields(body.get(mode), variables))
    kind = {"urlencoded": "application/x-www-form-urlencoded", "formdata": "multipart/form-data"}
    return Payload(kind[mode], fields=fields) if mode in kind and fields else None


def header(message: Node, name: str) -> str:
    """A header of a request or a saved answer; empty where it has none."""
    pairs = entries(message.get("header"))
    return next((value for key, value in pairs if key.lower() == name), "")


def _with_numbers(raw: str, variables: Variables) -> str:
    """A body where what stands in place of a number is one: its name would be no JSON."""

    def number(found: re.Match[str]) -> str:
        return f"{found[1]}0" if variables.value(found[2]) is None else found[0]

    return _BARE.sub(number, raw)


def _raw_type(request: Node, body: Node, raw: str) -> str:
    """What a raw body is: as its header says, or the choice of language, or its looks."""
    options = body.get("options")
    language = text(options.get("raw") if options else None, "language")
    looks = "application/json" if raw.lstrip().startswith(("{", "[")) else "text/plain"
    return header(request, "content-type") or _LANGUAGES.get(language) or looks


def _graphql(graphql: Node | None, variables: Variables) -> dict[str, Json]:
    try:
        given: Json = json.loads(variables.filled(text(graphql, "variables")) or "{}")
    except (ValueError, RecursionError):
        given = {}
    return {"query": text(graphql, "query"), "variables": given}


def _fields(listed: Node | None, variables: Variables) -> Iterator[FormField]:
    for element in listed.elements() if listed else ():
        name, is_file = text(element, "key"), text(element, "type") == "file"
        if name and not is_disabled(element):
            value = "" if is_file else variables.filled(text(element, "value"))
            yield FormField(name, value, is_file)
