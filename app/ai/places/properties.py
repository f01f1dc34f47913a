"""The places in a JSON body: the body itself, its properties, the items of its lists."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from app.ai import quoting
from app.ai.material import OperationMaterial
from app.ai.places import described
from app.ai.places.place import Place
from app.ai.requests import Body, Request, as_made
from app.openapi.model import Content, Schema
from testops import pointers
from testops.json_values import Json

#: Objects and lists inside each other that are looked into.
_MAX_DEPTH = 3
#: Properties of one object that are looked at.
_MAX_WIDTH = 60


def of_body(
    material: OperationMaterial, content: Content, request: Request, body: Body
) -> Iterator[Place]:
    """The body itself, then its properties and items, outer before inner."""
    made = as_made(body.value)

    def sent(value: Json) -> Request:
        if (changes := _changes((), made, value)) is not None:
            return replace(request, changes={**request.changes, **changes})
        return replace(request, body=replace(body, value=value, fresh=()))

    root = Place(
        words="body",
        spoken="request body",
        name="",
        pointer=f"{content.pointer}/schema",
        location="body",
        schema=described.whole(content.schema, material.schemas),
        required=bool(material.operation.body and material.operation.body.required),
        value=made,
        is_sent=True,
        sent=sent,
        fits=material.accepts(f"/contents/{material.contents.index(content)}"),
    )
    waiting: deque[tuple[Place, tuple[str, ...]]] = deque([(root, ())])
    while waiting:
        place, way = waiting.popleft()
        yield place
        if len(way) < _MAX_DEPTH:
            inner = _inner(material, place, request, way)
            waiting.extend((below, (*way, key)) for key, below in islice(inner, _MAX_WIDTH))


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
        schema=described.whole(schema, material.schemas),
        required=isinstance(outer.value, list) or key in outer.schema.get("required", ()),
        value=described.value(material, schema, key, fits) if made is ... else made,
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
