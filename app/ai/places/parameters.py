"""The places that are parameters in path, query, header and cookie."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from app.ai import inputs, serialising
from app.ai.errors import NoValueError
from app.ai.inputs import Inputs
from app.ai.material import OperationMaterial
from app.ai.places import described
from app.ai.places.place import Place
from app.ai.requests import Request
from app.openapi.model import Parameter
from testops.json_values import Json

#: What can be sent in an address without a server or proxy on the way objecting to its length.
MAX_TEXT = 2_000
#: Headers whose unknown or malformed values a server ignores (RFC 9110, sections 12.5, 13.1 and
#: 14.2; RFC 9111, section 5.2; RFC 7240, section 2), or that only what stands between reads.
_ASKING = re.compile(
    r"accept-.*|if-.*|range|prefer|cache-control|pragma|te|expect|upgrade|via|forwarded|origin"
    r"|referer|x-forwarded-.*|traceparent|tracestate|baggage|dnt|date"
)


def of_operation(material: OperationMaterial, found: Inputs) -> Iterator[Place]:
    """Every parameter that is sent as text, and the items of those that are lists."""
    for number, parameter in enumerate(material.parameters):
        whole = described.whole(parameter.schema, material.schemas)
        if parameter.media_type or _is_composed(parameter, whole) or _is_optional(parameter):
            continue
        accepts = material.accepts(f"/parameters/{number}")
        place = Place(
            words=f"{parameter.location} {parameter.name}",
            spoken=inputs.spoken(parameter),
            name=parameter.name,
            pointer=f"{parameter.pointer}/schema",
            location=parameter.location,
            schema=whole,
            required=parameter.required,
            value=described.value(
                material, parameter.schema, parameter.name, accepts, parameter.examples
            ),
            is_sent=(parameter.location, parameter.name) in found.sent_as,
            sent=_with_parameter(found, parameter),
            fits=accepts,
        )
        yield place
        yield from _items(material, place)


def _is_optional(parameter: Parameter) -> bool:
    """Whether HTTP lets a server ignore the value: in headers that ask, but do not demand."""
    return parameter.location == "header" and bool(_ASKING.fullmatch(parameter.name.lower()))


def _is_composed(parameter: Parameter, whole: Mapping[str, Json]) -> bool:
    """Whether the value is an object, or a list in a style that has no plain text form."""
    return "object" in whole.get("type", "") or "properties" in whole or parameter.style == "matrix"


def _with_parameter(found: Inputs, parameter: Parameter) -> Callable[[Json], Request]:
    request = found.request

    def sent(value: Json) -> Request:
        flat = serialising.flat(parameter, value)
        inputs.be_sendable(parameter, flat)
        if any(len(serialising.text(item)) > MAX_TEXT for item in flat.values()):
            raise NoValueError("the text is too long for an address or a header")
        if parameter.location == "path":
            return replace(request, path={**request.path, **flat})
        names = found.sent_as.get((parameter.location, parameter.name), frozenset())
        rest = request.without(parameter.location, names) if names else request
        if parameter.location == "query":
            return replace(rest, query={**rest.query, **flat})
        if parameter.location == "cookie":
            return replace(rest, cookies={**rest.cookies, **flat})
        texts = {name: serialising.text(item) for name, item in flat.items()}
        return replace(rest, headers={**rest.headers, **texts}, withheld=())

    return sent


def _items(material: OperationMaterial, place: Place) -> Iterator[Place]:
    """The first item of a list that is a parameter."""
    if "array" not in place.kinds or not isinstance(place.value, list) or not place.value:
        return
    rest = place.value[1:]
    yield replace(
        place,
        words=f"{place.words} item",
        spoken=f"item of the {place.spoken}",
        pointer=f"{place.pointer}/items",
        schema=described.whole(place.schema.get("items", True), material.schemas),
        value=place.value[0],
        sent=lambda value: place.sent([value, *rest]),
        fits=lambda value: place.fits([value, *rest]),
    )
