"""Puts requests into words: the calls of the client, and the bodies that they send."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from app.ai import playing, requests
from app.ai.playing import Constants
from app.ai.quoting import literal
from app.ai.requests import Body, Request
from testops import pointers
from testops.json_values import Json

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def call(request: Request, constants: Constants) -> str:
    """The call that sends a request."""
    is_plain = request.method in _METHODS
    function = f"{request.client}.{request.method.lower() if is_plain else 'request'}"
    arguments = [] if is_plain else [literal(request.method)]
    arguments.append(literal(request.path_template))
    for argument in ("path", "query", "headers", "cookies"):
        value = _with_content_type(request) if argument == "headers" else getattr(request, argument)
        if value:
            source = literal(value)
            arguments.append(f"{argument}={constants.get(source, source)}")
    if request.body:
        arguments.append(f"{request.body.argument}={_body(request.body, request, constants)}")
    if request.anonymous:
        arguments.append("anonymous=True")
    if request.withheld:
        arguments.append(f"withhold={literal(list(request.withheld))}")
    return f"{function}({', '.join(arguments)})"


def _with_content_type(request: Request) -> Mapping[str, object]:
    media_type = request.body.media_type if request.body else ""
    return {**request.headers, **({"Content-Type": media_type} if media_type else {})}


def _body(body: Body, request: Request, constants: Constants) -> str:
    """The body of a request, perhaps without a property or with what differs.

    What differs is as it is told; only the other texts that may be there only once are new.
    """
    if not request.left_out and not request.changes:
        return playing.body_source(body, constants)
    ways = [pointers.keys(pointer) for pointer in request.changes]
    body = _without(body, {request.left_out, *(way[0] for way in ways if len(way) == 1)})
    touched = {request.left_out, *(way[0] for way in ways)}
    fresh = [name for name in body.fresh if name not in touched]
    named = playing.named(body.value, constants)
    if named is None:
        return playing.freshened(literal(_changed(body.value, request)), fresh)
    source = playing.freshened(named, fresh)
    if request.left_out in body.value:
        source = f"without({source}, {literal(request.left_out)})"
    return _changing(source, body, request.changes) if request.changes else source


def _without(body: Body, names: Collection[str]) -> Body:
    """The body without those of the properties that would be obtained, and are not to be sent."""
    gone = requests.obtained_in(body.value).keys() & set(names)
    if not gone:
        return body
    return replace(
        body, value={name: each for name, each in body.value.items() if name not in gone}
    )


def _changed(value: Json, request: Request) -> Json:
    if request.left_out:
        value = {key: item for key, item in value.items() if key != request.left_out}
    for pointer, item in request.changes.items():
        value = pointers.replaced(value, pointer, item)
    return value


def _changing(source: str, body: Body, changes: Mapping[str, Json]) -> str:
    """A named body with what differs."""
    is_object = isinstance(body.value, Mapping)
    if is_object and all(len(pointers.keys(pointer)) == 1 for pointer in changes):
        other = {key: value for pointer, value in changes.items() for key in pointers.keys(pointer)}
        return f"{source} | {literal(other)}"
    for pointer, value in changes.items():
        source = f"replaced({source}, {literal(pointer)}, {literal(value)})"
    return source
