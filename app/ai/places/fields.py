"""The places in a form: fields that are sent as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from app.ai import bodies, quoting
from app.ai.material import OperationMaterial
from app.ai.places import described
from app.ai.places.place import Place
from app.ai.requests import Body, Request
from app.openapi.model import Content
from testops import pointers
from testops.json_values import Json


def of_body(
    material: OperationMaterial, content: Content, request: Request, body: Body
) -> Iterator[Place]:
    """The fields of a form; files among them are no values to vary."""
    whole = described.whole(content.schema, material.schemas)
    accepts = material.accepts(f"/contents/{material.contents.index(content)}")
    root = described.value(material, content.schema, "body", accepts, content.examples)
    hidden = material.shared.lens.hidden_in(whole)
    for name, schema in whole.get("properties", {}).items():
        part = body.value.get(name)
        is_file = isinstance(part, tuple) and part[0] is not None
        inner = described.whole(schema, material.schemas)
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
            value=root[name] if name in root else described.value(material, schema, name, fits),
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
