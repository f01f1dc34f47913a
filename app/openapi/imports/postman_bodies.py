"""The bodies of a Postman collection's requests, in each of its modes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from app.openapi.imports.samples import FormField, Payload
from app.openapi.imports.variables import Variables, entries, is_disabled, text
from app.openapi.tree import Json, Node

#: A variable that is a whole value of JSON, without quotes.
_BARE = re.compile(r"(?<=[:,\[])(\s*)\{\{([^{}]+)\}\}(?=\s*[,}\]])")
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
        return _raw(request, body, variables)
    if mode == "graphql":
        return _graphql(body.get("graphql"), variables)
    if mode == "file":
        return Payload(header(request, "content-type") or "application/octet-stream")
    kind = {"urlencoded": "application/x-www-form-urlencoded", "formdata": "multipart/form-data"}
    return _form(kind[mode], body.get(mode), variables) if mode in kind else None


def _raw(request: Node, body: Node, variables: Variables) -> Payload | None:
    given = text(body, "raw")
    raw = variables.filled(_with_numbers(given, variables))
    kind = _raw_type(request, body, raw)
    return Payload(kind, raw, needs=_unknown([given], variables)) if raw.strip() else None


def _unknown(texts: Sequence[str], variables: Variables) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for each in texts for name in variables.unknown(each)))


def header(message: Node, name: str) -> str:
    """A header of a request or a saved answer; empty where it has none."""
    pairs = entries(message.get("header"))
    return next((value for key, value in pairs if key.lower() == name), "")


def _with_numbers(raw: str, variables: Variables) -> str:
    """A body where what stands in place of a number is one: its name would be no JSON."""

    def number(found: re.Match[str]) -> str:
        return f"{found[1]}0" if variables.value(found[2].strip()) is None else found[0]

    return _BARE.sub(number, raw)


def _raw_type(request: Node, body: Node, raw: str) -> str:
    """What a raw body is: as its header says, or the choice of language, or its looks."""
    options = body.get("options")
    language = text(options.get("raw") if options else None, "language")
    looks = "application/json" if raw.lstrip().startswith(("{", "[")) else "text/plain"
    return header(request, "content-type") or _LANGUAGES.get(language) or looks


def _graphql(graphql: Node | None, variables: Variables) -> Payload:
    query, values = text(graphql, "query"), text(graphql, "variables")
    try:
        given: Json = json.loads(variables.filled(values) or "{}")
    except (ValueError, RecursionError):
        given = {}
    asked = json.dumps({"query": query, "variables": given})
    return Payload("application/json", asked, needs=_unknown([values], variables))


def _form(media_type: str, listed: Node | None, variables: Variables) -> Payload | None:
    sent = [
        (text(element, "key"), text(element, "value"), text(element, "type") == "file")
        for element in (listed.elements() if listed else ())
        if text(element, "key") and not is_disabled(element)
    ]
    fields = tuple(
        FormField(name, "" if is_file else variables.filled(value), is_file)
        for name, value, is_file in sent
    )
    unknown = _unknown([value for _, value, is_file in sent if not is_file], variables)
    return Payload(media_type, fields=fields, needs=unknown) if fields else None
