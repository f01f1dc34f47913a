"""How Swagger 2.0 spells the parts of an operation, told in the words of OpenAPI 3."""

from __future__ import annotations

from app.openapi import contents, parameters, values
from app.openapi.context import Context
from app.openapi.model import Body, Content, Example, Parameter, Response, Schema
from app.openapi.tree import Json, Node, prose

#: Style and explode of each `collectionFormat`. Tabs have no style in OpenAPI 3, so it is ours.
_FORMATS = {
    "csv": ("form", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "tsv": ("tabDelimited", False),
}
_LOCATIONS = frozenset({"path", "query", "header"})
#: Keys of a parameter that are no keywords of its schema.
_PARAMETER_KEYS = frozenset(
    {
        "name",
        "in",
        "required",
        "description",
        "collectionFormat",
        "allowEmptyValue",
        "schema",
        "example",
        "examples",
        "deprecated",
        "style",
        "explode",
    }
)
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_JSON = "application/json"


def inline_schema(node: Node) -> Node:
    """The schema that stands among the keys of a parameter or header."""
    value = node.value if isinstance(node.value, dict) else {}
    schema: dict[str, Json] = {
        key: entry for key, entry in value.items() if key not in _PARAMETER_KEYS
    }
    return Node(node.document, schema, node.parent, node.token)


class Swagger2:
    """Reads parameters, bodies and answers; shared parameters are read once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._parameters: dict[int, Parameter | None] = {}

    def inputs(
        self, path: str, item: Node, operation: Node
    ) -> tuple[tuple[Parameter, ...], Body | None]:
        """The parameters and the body, those of the path item included."""
        given: list[Parameter] = []
        fields: list[Node] = []
        body: Body | None = None
        for node in parameters.of_operation(self._context, item, operation):
            location = _text(node, "in")
            if location == "formData":
                fields.append(node)
            elif location == "body":
                body = self._body(node, operation)
            else:
                parameter = self._parameter(node)
                given += [parameter] if parameter else []
        if fields and body is None:
            body = self._form(fields, operation)
        return parameters.completed(self._context, path, operation, given), body

    def responses(self, operation: Node) -> tuple[Response, ...]:
        """The documented answers."""
        produced = self._media_types(operation, "produces")

        def answer(node: Node) -> tuple[Content, ...]:
            return self._contents(node, produced)

        return contents.answers(self._context, operation, answer, self._header)

    def _header(self, node: Node) -> Schema:
        return self._context.schemas.schema(inline_schema(node))

    def _parameter(self, node: Node) -> Parameter | None:
        key = id(node.value)
        if key not in self._parameters:
            self._parameters[key] = self._read(node)
        return self._parameters[key]

    def _read(self, node: Node) -> Parameter | None:
        name, location = _text(node, "name"), _text(node, "in")
        if location not in _LOCATIONS:
            message = f"Parameters in '{location[:50]}' are not known; it is left out."
            self._context.problems.add(node.pointer, message)
            return None
        if not parameters.is_sendable(self._context, node, name, location):
            return None
        style, explode = self._style(node, location)
        schema = node.get("schema") or inline_schema(node)
        translated, examples = contents.schema_and_examples(self._context, node, schema)
        return Parameter(
            name=name,
            location=location,
            required=location == "path" or _is_required(node),
            schema=translated,
            pointer=node.pointer,
            style=style,
            explode=explode,
            examples=examples or self._vendor_examples(node),
            description=prose(_text(node, "description")),
        )

    def _style(self, node: Node, location: str) -> tuple[str, bool]:
        name = _text(node, "collectionFormat") or "csv"
        if location != "query":
            is_list = _text(node, "type") == "array" and name in {"ssv", "pipes", "tsv"}
            return _FORMATS[name] if is_list else ("simple", False)
        if _text(node, "type") != "array":
            return "form", True
        if name not in _FORMATS:
            message = f"The collectionFormat '{name[:50]}' cannot be sent; 'csv' is used."
            self._context.problems.add(node.pointer, message)
        return _FORMATS.get(name, _FORMATS["csv"])

    def _vendor_examples(self, node: Node) -> tuple[Example, ...]:
        """Swagger 2.0 has no examples of parameters; tools agreed on `x-example`."""
        example = node.get("x-example")
        return (Example(example.value),) if example and values.is_usable(example.value) else ()

    def _body(self, node: Node, operation: Node) -> Body:
        translated, examples = contents.schema_and_examples(self._context, node, node.get("schema"))
        media_types = self._media_types(operation, "consumes") or (_JSON,)
        return Body(
            required=_is_required(node),
            contents=tuple(
                Content(name, translated, node.pointer, examples or self._vendor_examples(node))
                for name in media_types
            ),
            pointer=node.pointer,
        )

    def _form(self, fields: list[Node], operation: Node) -> Body:
        """Form fields as one object (OpenAPI 3 describes them so)."""
        required = [_text(node, "name") for node in fields if _is_required(node)]
        schema: dict[str, object] = {
            "type": "object",
            "properties": {
                _text(node, "name"): self._context.schemas.schema(inline_schema(node))
                for node in fields
            },
        }
        if required:
            schema["required"] = list(dict.fromkeys(required))
        pointer = fields[0].pointer
        return Body(
            required=bool(required),
            contents=tuple(
                Content(name, schema, pointer) for name in self._form_types(fields, operation)
            ),
            pointer=pointer,
        )

    def _form_types(self, fields: list[Node], operation: Node) -> tuple[str, ...]:
        has_file = any(_text(node, "type") == "file" for node in fields)
        fitting = {_MULTIPART} if has_file else {_MULTIPART, _FORM}
        consumed = self._media_types(operation, "consumes")
        kept = tuple(name for name in consumed if name.partition(";")[0].strip() in fitting)
        return kept or ((_MULTIPART,) if has_file else (_FORM,))

    def _media_types(self, operation: Node, key: str) -> tuple[str, ...]:
        """What an operation consumes or produces: its own list, else that of the description."""
        listed = operation.get(key) or self._context.root.get(key)
        found: dict[str, None] = {}
        for element in listed.elements() if listed else ():
            self._context.problems.spend()
            if isinstance(element.value, str) and contents.is_media_type(element.value.strip()):
                found[element.value.strip()] = None
            else:
                self._context.problems.add(element.pointer, "This is no media type; left out.")
        return tuple(found)

    def _contents(self, response: Node, produced: tuple[str, ...]) -> tuple[Content, ...]:
        schema = response.get("schema")
        if schema is None:
            return ()
        translated, examples = contents.schema_and_examples(self._context, Node("", {}), schema)
        by_type = response.get("examples")
        return tuple(
            Content(
                name,
                translated,
                response.pointer,
                self._given(by_type.get(name) if by_type else None) + examples,
            )
            for name in produced or (_JSON,)
        )

    def _given(self, example: Node | None) -> tuple[Example, ...]:
        if example is None or not values.is_usable(example.value):
            return ()
        return (Example(example.value),)


def _text(node: Node, key: str) -> str:
    value = node.value.get(key) if isinstance(node.value, dict) else None
    return value if isinstance(value, str) else ""


def _is_required(node: Node) -> bool:
    return isinstance(node.value, dict) and node.value.get("required") is True
