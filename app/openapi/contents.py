"""Bodies and answers in their media types, statuses and headers: what every dialect shares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from app.openapi import parameters, values
from app.openapi.context import Context
from app.openapi.model import Content, Encoding, Example, Header, Link, Response, Schema
from app.openapi.tree import Node, prose

_STATUS = re.compile(r"[1-5](\d\d|XX)|default")
#: RFC 9110, section 8.3.1, with the ranges of section 12.5.1 and parameters after a semicolon.
_MEDIA_TYPE = re.compile(
    r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*(;[\x20-\x7e\t]*)?"
)
_STYLES = frozenset({"form", "spaceDelimited", "pipeDelimited", "deepObject"})
#: Of a media type: the names of values that its examples lack, so that a refusal says nothing.
NEEDS = "x-testops-needs"


def is_media_type(name: str) -> bool:
    """Whether a text can stand in a Content-Type or Accept header."""
    return bool(_MEDIA_TYPE.fullmatch(name))


def schema_and_examples(
    context: Context, node: Node, schema: Node | None
) -> tuple[Schema, tuple[Example, ...]]:
    """The schema of a parameter, header or media type, and every example it comes with."""
    found = values.examples(node, schema, context.references, context.problems)
    return (True if schema is None else context.schemas.schema(schema)), found


def of_media_types(context: Context, owner: Node) -> tuple[Content, ...]:
    """The entries of OpenAPI 3's `content`; one that is no media type becomes a problem."""
    found: list[Content] = []
    for entry in context.entries(owner, "content"):
        name = entry.token.strip()
        node = context.object_at(entry, "media type")
        if not is_media_type(name):
            context.problems.add(entry.pointer, "The media type is left out: it is malformed.")
        elif node:
            schema, examples = schema_and_examples(context, node, node.get("schema"))
            encodings = dict(_encodings(context, node))
            needs, item = _needs(node), _item_schema(context, node)
            found.append(Content(name, schema, node.pointer, examples, encodings, needs, item))
    return tuple(found)


def _item_schema(context: Context, media_type: Node) -> Schema | None:
    """What each value of a stream is: OpenAPI 3.2, section "Sequential Media Types"."""
    item = media_type.get("itemSchema") if context.dialect == "3.2" else None
    return None if item is None else context.schemas.schema(item)


def _needs(media_type: Node) -> tuple[str, ...]:
    listed = media_type.get(NEEDS)
    names = [prose(each.value) for each in (listed.elements() if listed else ())]
    return tuple(dict.fromkeys(filter(None, names)))


def _encodings(context: Context, media_type: Node) -> Iterator[tuple[str, Encoding]]:
    """How the properties of a form are sent, where that is said; styles are those of a query."""
    for entry in context.entries(media_type, "encoding"):
        node = context.object_at(entry, "encoding")
        value = node.value if node and isinstance(node.value, dict) else {}
        listed, style, explode = value.get("contentType"), value.get("style"), value.get("explode")
        first = listed.partition(",")[0].strip() if isinstance(listed, str) else ""
        style = style if isinstance(style, str) and style in _STYLES else "form"
        yield (
            entry.token,
            Encoding(
                content_type=first if is_media_type(first) and "*" not in first else "",
                style=style,
                explode=explode if isinstance(explode, bool) else style == "form",
            ),
        )


def answers(
    context: Context,
    operation: Node,
    contents: Callable[[Node], tuple[Content, ...]],
    header: Callable[[Node], Schema],
) -> tuple[Response, ...]:
    """The documented answers of an operation.

    An answer that cannot be read stays as a status of which nothing more is known: it is
    documented, so meeting it is no failure.
    """
    found: dict[str, Response] = {}
    for entry in context.entries(operation, "responses"):
        status = entry.token.strip().upper().replace("DEFAULT", "default")
        if status.startswith("X-"):
            continue
        if not _STATUS.fullmatch(status) or status in found:
            name = entry.token[:50]
            context.problems.add(entry.pointer, f"'{name}' is no status of an answer; left out.")
            continue
        node = context.object_at(entry, "content of the answer")
        found[status] = (
            Response(status, "", (), (), entry.pointer)
            if node is None
            else Response(
                status=status,
                description=_description(node),
                contents=contents(node),
                headers=tuple(_headers(context, node, header)),
                pointer=node.pointer,
                links=tuple(_links(context, node)),
            )
        )
    return tuple(found.values())


def _description(node: Node) -> str:
    return prose(node.value.get("description")) if isinstance(node.value, dict) else ""


def _headers(
    context: Context, response: Node, schema_of: Callable[[Node], Schema]
) -> Iterator[Header]:
    for entry in context.entries(response, "headers"):
        node = context.object_at(entry, "header")
        if not parameters.is_header_name(entry.token):
            context.problems.add(entry.pointer, "The header is left out: HTTP forbids its name.")
        elif node and entry.token.lower() != "content-type":
            required = isinstance(node.value, dict) and node.value.get("required") is True
            yield Header(entry.token, required, schema_of(node), node.pointer)


def _links(context: Context, response: Node) -> Iterator[Link]:
    """The links of an answer that name an operation of this description."""
    for entry in context.entries(response, "links"):
        node = context.object_at(entry, "link")
        if node is None:
            continue
        target = node.get("operationId") or node.get("operationRef")
        given = node.get("parameters")
        if target is not None and isinstance(target.value, str) and given is not None:
            # "path.petId" names the parameter's place too.
            texts = {
                each.token.removeprefix("path."): each.value
                for each in given.items()
                if isinstance(each.value, str)
            }
            yield Link(target.value, texts)
