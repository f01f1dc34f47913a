"""Lays a parameter's value out flat, by its `style` and `explode` (OpenAPI 3.1, "Style Values")."""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.openapi.model import Encoding, Parameter
from testops.addresses import text_of
from testops.json_values import Json

_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}


def flat(parameter: Parameter, value: Json) -> dict[str, Json]:
    """Names and scalars as they are sent; a list among the values repeats its name."""
    if parameter.media_type:
        return {parameter.name: json.dumps(value)}
    if isinstance(value, Mapping):
        return _object(parameter, value)
    if isinstance(value, list):
        return {parameter.name: _list(parameter, value)}
    return {parameter.name: _prefixed(parameter, value)}


def field(name: str, value: Json, encoding: Encoding) -> dict[str, Json]:
    """A property of a form, sent as a query parameter of that style would be."""
    like = Parameter(
        name,
        "query",
        required=False,
        schema=True,
        pointer="",
        style=encoding.style,
        explode=encoding.explode,
    )
    return flat(like, value)


def text(value: Json) -> str:
    """A value inside another: a scalar as it is, anything deeper as JSON."""
    return json.dumps(value) if isinstance(value, Mapping | list) else text_of(value)


def _list(parameter: Parameter, value: list[Json]) -> Json:
    if parameter.location == "query" and parameter.explode and parameter.style == "form":
        return [item if isinstance(item, int | float | str) else text(item) for item in value]
    if parameter.style == "matrix" and parameter.explode:
        return "".join(f";{parameter.name}={text(item)}" for item in value)
    separator = _SEPARATORS.get(parameter.style, ",")
    if parameter.style == "label" and parameter.explode:
        separator = "."
    return _prefixed(parameter, separator.join(text(item) for item in value))


def _object(parameter: Parameter, value: Mapping[str, Json]) -> dict[str, Json]:
    if parameter.style == "deepObject":
        return {f"{parameter.name}[{key}]": text(item) for key, item in value.items()}
    if parameter.location in {"query", "cookie"} and parameter.explode:
        return {key: text(item) for key, item in value.items()}
    if not parameter.explode:
        separator = _SEPARATORS.get(parameter.style, ",")
        pairs = separator.join(f"{key}{separator}{text(item)}" for key, item in value.items())
        return {parameter.name: _prefixed(parameter, pairs)}
    separator = {"label": ".", "matrix": ";"}.get(parameter.style, ",")
    pairs = separator.join(f"{key}={text(item)}" for key, item in value.items())
    lead = separator if parameter.style in {"label", "matrix"} else ""
    return {parameter.name: f"{lead}{pairs}"}


def _prefixed(parameter: Parameter, value: Json) -> Json:
    """A value as it is, or with what the styles of path parameters put before it."""
    if parameter.style == "label":
        return f".{text(value)}"
    if parameter.style == "matrix":
        return f";{parameter.name}={text(value)}"
    return value
