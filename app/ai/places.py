"""The places of an operation's inputs at which a value can be varied: parameters, body properties.

A place knows what the description says of its value, how a request with another value there is
made, and whether the description then allows or forbids the whole input. Optional inputs are places
too; their value is made up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.ai import bodies, inputs, merging, quoting, serialising
from app.ai.errors import NoValueError
from app.ai.inputs import Inputs
from app.ai.material import OperationMaterial
from app.ai.requests import Body, Request
from app.openapi.model import Content, Example, Parameter, Schema
from testops import pointers
from testops.json_values import Json
from testops.schemas import Schemas

#: Objects and lists inside each other that are looked into.
_MAX_DEPTH = 3
#: Places of one operation; more are not varied.
_MAX_PLACES = 100
#: What can be sent in an address without a server or proxy on the way objecting to its length.
MAX_ADDRESS_TEXT = 2_000
_SCALAR = frozenset(
    {
        "enum",
        "pattern",
        "format",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    }
)
#: Headers whose unknown or malformed values a server ignores (RFC 9110, sections 12.5, 13.1 and
#: 14.2; RFC 9111, section 5.2; RFC 7240, section 2), or that only what stands between reads.
_ASKING = re.compile(
    r"accept-.*|if-.*|range|prefer|cache-control|pragma|te|expect|upgrade|via|forwarded|origin"
    r"|referer|x-forwarded-.*|traceparent|tracestate|baggage|dnt|date"
)
_NULL: Mapping[str, Json] = {"type": "null"}


@dataclass(frozen=True, slots=True)
class Place:
    """An input at which values are varied."""

    #: What names of checks are made of: "query limit", "body lines 0 quantity".
    words: str
    #: For people: "query parameter limit", "property lines/0/quantity".
    spoken: str
    #: The name of the input alone.
    name: str
    #: JSON pointer to its schema in the description.
    pointer: str
    #: "path", "query", "header", "cookie", "body" or "form".
    location: str
    #: What the description says of the value, references and `allOf` merged in.
    schema: Mapping[str, Json]
    required: bool
    #: What is sent there, or would be; None where nothing could be made.
    value: Json
    #: Whether it is sent when nothing is varied.
    is_sent: bool
    #: The request with another value there; raises NoValueError where nothing can carry it.
    sent: Callable[[Json], Request]
    #: Whether the whole input fits its schema with this value there.
    fits: Callable[[Json], bool]

    @property
    def kinds(self) -> frozenset[str]:
        """The types the schema names, but for null; empty where it names none."""
        named = self.schema.get("type", [])
        return frozenset([named] if isinstance(named, str) else named) - {"null"}

    @property
    def is_text(self) -> bool:
        """Whether values are sent as text, so that a number and its digits are the same."""
        return self.location != "body"

    def forbids(self, value: Json) -> bool:
        """Whether the description forbids the value, however a server reads it."""
        readings = [value, *(_readings(value) if self.is_text else ())]
        return not any(self.fits(reading) for reading in readings)

    def forbids_by(self, keyword: str, value: Json) -> bool:
        """Whether the description forbids the value, and of a scalar's keywords only by this one.

        So that a refusal says something about this keyword.
        """
        others = {
            key: said for key, said in self.schema.items() if key in _SCALAR and key != keyword
        }
        is_alone = not others or Schemas({"others": others}).accepts("/others", value)
        return is_alone and self.forbids(value)


def places(material: OperationMaterial, found: Inputs) -> Sequence[Place]:
    """The places of an operation, parameters first, outer before inner."""
    request = found.request
    everything = [*_parameters(material, found, request), *_body(material, found, request)]
    return everything[:_MAX_PLACES]


def _readings(value: Json) -> Iterator[Json]:
    """What a server may take the text of a value for."""
    if isinstance(value, list):
        texts = [serialising.text(item) for item in value]
        yield texts
        yield [_spelled(text) for text in texts]
    else:
        text = serialising.text(value)
        yield text
        yield _spelled(text)
        yield [text]


def _spelled(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _parameters(material: OperationMaterial, found: Inputs, request: Request) -> Iterator[Place]:
    for number, parameter in enumerate(material.parameters):
        whole = _whole(parameter.schema, material.schemas)
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
            value=_value_of(
                material, parameter.schema, parameter.name, accepts, parameter.examples
            ),
            is_sent=(parameter.location, parameter.name) in found.sent_as,
            sent=_with_parameter(found, request, parameter),
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


def _with_parameter(
    found: Inputs, request: Request, parameter: Parameter
) -> Callable[[Json], Request]:
    def sent(value: Json) -> Request:
        flat = serialising.flat(parameter, value)
        inputs.be_sendable(parameter, flat)
        if any(len(serialising.text(item)) > MAX_ADDRESS_TEXT for item in flat.values()):
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


def _body(material: OperationMaterial, found: Inputs, request: Request) -> Iterator[Place]:
    if request.body is None or found.content is None:
        return
    content = material.contents[found.content]
    if bodies.is_json(content):
        yield from _json(material, content, request, request.body, found.content)
    elif request.body.argument in {"data", "files"}:
        yield from _form(material, content, request, request.body, found.content)


def _json(
    material: OperationMaterial, content: Content, request: Request, body: Body, number: int
) -> Iterator[Place]:
    def sent(value: Json) -> Request:
        if (changes := _changes((), body.value, value)) is not None:
            return replace(request, changes={**request.changes, **changes})
        return replace(request, body=replace(body, value=value))

    root = Place(
        words="body",
        spoken="request body",
        name="",
        pointer=f"{content.pointer}/schema",
        location="body",
        schema=_whole(content.schema, material.schemas),
        required=bool(material.operation.body and material.operation.body.required),
        value=body.value,
        is_sent=True,
        sent=sent,
        fits=material.accepts(f"/contents/{number}"),
    )
    yield root
    level: list[tuple[Place, tuple[str, ...]]] = [(root, ())]
    for _ in range(_MAX_DEPTH):
        below = [
            (inner, (*way, key))
            for place, way in level
            for key, inner in _inner(material, place, request, way)
        ]
        yield from (place for place, _ in below)
        level = below


def _inner(
    material: OperationMaterial, place: Place, request: Request, way: tuple[str, ...]
) -> Iterator[tuple[str, Place]]:
    """The properties of an object that is sent, or the first item of a list."""
    if isinstance(place.value, Mapping):
        hidden = material.shared.lens.hidden_in(place.schema)
        for name, schema in place.schema.get("properties", {}).items():
            if name not in hidden:
                yield name, _below(material, place, request, (*way, name), schema)
    elif isinstance(place.value, list) and place.value and "prefixItems" not in place.schema:
        schema = place.schema.get("items", True)
        yield "0", _below(material, place, request, (*way, "0"), schema)


def _below(
    material: OperationMaterial,
    outer: Place,
    request: Request,
    way: tuple[str, ...],
    schema: Schema,
) -> Place:
    key, is_sent = way[-1], _is_sent(request, way)
    step = "/items" if isinstance(outer.value, list) else pointers.plain(["properties", key])
    pointer = pointers.plain(way)

    def with_value(value: Json) -> Json:
        return pointers.replaced(outer.value, pointers.plain([key]), value)

    def sent(value: Json) -> Request:
        # What stands in an object that is not sent comes with all of that object.
        if not _is_sent(request, way[:-1]):
            return outer.sent(with_value(value))
        changes = _changes(way, made, value) if is_sent else None
        changes = {pointer: value} if changes is None else changes
        return replace(request, changes={**request.changes, **changes})

    def fits(value: Json) -> bool:
        return outer.fits(with_value(value))

    shown = quoting.prose("/".join(way), 80)
    made = pointers.value_at(outer.value, pointers.plain([key])) if is_sent else ...
    return Place(
        words=f"{outer.words} {key}",
        spoken=f"{'item' if isinstance(outer.value, list) else 'property'} {shown}",
        name=key,
        pointer=f"{outer.pointer}{step}",
        location="body",
        schema=_whole(schema, material.schemas),
        required=isinstance(outer.value, list) or key in outer.schema.get("required", ()),
        value=_value_of(material, schema, key, fits) if made is ... else made,
        is_sent=is_sent,
        sent=sent,
        fits=fits,
    )


def _changes(way: Sequence[str], old: Json, new: Json) -> dict[str, Json] | None:
    """Pointer → value for what an object has more; None where that is not all that differs."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping) and old.items() <= new.items()):
        return None
    return {pointers.plain([*way, key]): item for key, item in new.items() if key not in old}


def _is_sent(request: Request, way: Sequence[str]) -> bool:
    try:
        pointers.value_at(request.body.value if request.body else None, pointers.plain(way))
    except LookupError:
        return False
    return True


def _form(
    material: OperationMaterial, content: Content, request: Request, body: Body, number: int
) -> Iterator[Place]:
    """The fields of a form; files among them are no values to vary."""
    whole = _whole(content.schema, material.schemas)
    accepts = material.accepts(f"/contents/{number}")
    root = _value_of(material, content.schema, "body", accepts, content.examples)
    hidden = material.shared.lens.hidden_in(whole)
    for name, schema in whole.get("properties", {}).items():
        part = body.value.get(name)
        is_file = isinstance(part, tuple) and part[0] is not None
        inner = _whole(schema, material.schemas)
        if is_file or name in hidden or not isinstance(root, Mapping) or _is_deep(inner):
            continue
        fits = _with_field(accepts, root, name)
        yield Place(
            words=f"body {name}",
            spoken=f"field {quoting.prose(name, 60)}",
            name=name,
            pointer=f"{content.pointer}/schema{pointers.plain(['properties', name])}",
            location="form",
            schema=inner,
            required=name in whole.get("required", ()),
            value=root[name] if name in root else _value_of(material, schema, name, fits),
            is_sent=name in root,
            sent=_with_sent_field(material, content, request, root, name),
            fits=fits,
        )


def _is_deep(whole: Mapping[str, Json]) -> bool:
    binary = whole.get("format") == "binary" or "contentMediaType" in whole
    return binary or bool({"object", "array"} & {*_listed(whole.get("type", []))})


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _with_field(
    accepts: Callable[[Json], bool], root: Mapping[str, Json], name: str
) -> Callable[[Json], bool]:
    return lambda value: accepts({**root, name: value})


def _with_sent_field(
    material: OperationMaterial,
    content: Content,
    request: Request,
    root: Mapping[str, Json],
    name: str,
) -> Callable[[Json], Request]:
    def sent(value: Json) -> Request:
        laid = bodies.laid_out(content, {**root, name: value}, material.schemas)
        part = laid.value[name] if laid else value
        return replace(request, changes={**request.changes, pointers.plain([name]): part})

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
        schema=_whole(place.schema.get("items", True), material.schemas),
        value=place.value[0],
        sent=lambda value: place.sent([value, *rest]),
        fits=lambda value: place.fits([value, *rest]),
    )


def _whole(schema: Schema, schemas: Mapping[str, Schema]) -> dict[str, Json]:
    """The schema in one place; where it is "this or null", what it says beside null."""
    whole = merging.merged(schema, schemas) or {}
    for options in whole.pop("choices", []):
        others = [each for each in options if each != _NULL]
        if len(others) == 1:
            own = {key: value for key, value in whole.items() if key != "choices"}
            whole = _whole({"allOf": [own, others[0]]}, schemas)
    return whole


def _value_of(
    material: OperationMaterial,
    schema: Schema,
    name: str,
    accepts: Callable[[Json], bool],
    examples: Sequence[Example] = (),
) -> Json:
    """The value that would be sent; None where none is found."""
    try:
        made = material.values.make(schema, name, examples=examples, accepts=accepts)
    except NoValueError:
        return None
    return made.value
