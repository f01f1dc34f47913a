"""How OpenAPI 3.0, 3.1 and 3.2 spell the parts of an operation."""

from __future__ import annotations

from app.openapi import contents, parameters, swagger2
from app.openapi.context import Context
from app.openapi.model import Body, Content, Parameter, Response, Schema
from app.openapi.tree import Node, prose

#: The styles each place allows, the default first.
_STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
_FORM = "application/x-www-form-urlencoded"


class OpenApi3:
    """Reads parameters, bodies and answers; shared ones are read once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._parameters: dict[int, Parameter | None] = {}
        self._contents: dict[int, tuple[Content, ...]] = {}
        self._headers: dict[int, Schema] = {}

    def inputs(
        self, path: str, item: Node, operation: Node
    ) -> tuple[tuple[Parameter, ...], Body | None]:
        """The parameters and the body, those of the path item included."""
        nodes = parameters.of_operation(self._context, item, operation)
        given = [parameter for parameter in map(self._parameter, nodes) if parameter]
        return parameters.completed(self._context, path, operation, given), self._body(operation)

    def responses(self, operation: Node) -> tuple[Response, ...]:
        """The documented answers."""
        return contents.answers(self._context, operation, self._content, self._header)

    def _content(self, owner: Node) -> tuple[Content, ...]:
        key = id(owner.value)
        if key not in self._contents:
            self._contents[key] = contents.of_media_types(self._context, owner)
        return self._contents[key]

    def _header(self, node: Node) -> Schema:
        key = id(node.value)
        if key not in self._headers:
            self._headers[key] = self._described(node)[0]
        return self._headers[key]

    def _body(self, operation: Node) -> Body | None:
        entry = operation.get("requestBody")
        node = self._context.object_at(entry, "request body") if entry else None
        if node is None:
            return None
        required = isinstance(node.value, dict) and node.value.get("required") is True
        return Body(required, self._content(node), node.pointer)

    def _parameter(self, node: Node) -> Parameter | None:
        key = id(node.value)
        if key not in self._parameters:
            self._parameters[key] = self._read(node)
        return self._parameters[key]

    def _read(self, node: Node) -> Parameter | None:
        value = node.value if isinstance(node.value, dict) else {}
        name, location = str(value.get("name")), str(value.get("in"))
        if location == "querystring" and self._context.dialect == "3.2":
            return self._whole_query(node)
        if location not in _STYLES:
            message = f"Parameters in '{location[:50]}' are not known; it is left out."
            self._context.problems.add(node.pointer, message)
            return None
        if not parameters.is_sendable(self._context, node, name, location):
            return None
        style = self._style(node, location)
        schema, described = self._described(node)
        explode = value.get("explode")
        return Parameter(
            name=name,
            location=location,
            required=location == "path" or value.get("required") is True,
            schema=schema,
            pointer=node.pointer,
            style=style,
            explode=explode if isinstance(explode, bool) else style in {"form", "deepObject"},
            examples=described.examples,
            media_type=described.media_type,
            description=prose(value.get("description")),
            allows_reserved=location == "query" and value.get("allowReserved") is True,
        )

    def _whole_query(self, node: Node) -> Parameter | None:
        """OpenAPI 3.2's `in: querystring` with a form: its properties are the parameters."""
        listed = self._content(node)
        form = next((each for each in listed if each.media_type == _FORM), None)
        required = isinstance(node.value, dict) and node.value.get("required") is True
        name = str(node.value.get("name")) if isinstance(node.value, dict) else ""
        if form:
            examples = form.examples
            return Parameter(name, "query", required, form.schema, node.pointer, examples=examples)
        message = "The query string is left out: only a form can be sent there."
        self._context.problems.add(node.pointer, message)
        # What cannot do without it is not asked at all.
        media_type = listed[0].media_type if listed else "*/*"
        unsent = Parameter(name, "querystring", True, True, node.pointer, media_type=media_type)  # noqa: FBT003 - required, any schema
        return unsent if required else None

    def _style(self, node: Node, location: str) -> str:
        styles = _STYLES[location]
        given = node.get("style")
        if given is None or given.value in styles:
            return str(given.value) if given else styles[0]
        message = f"The style does not fit a parameter in '{location}'; '{styles[0]}' is used."
        self._context.problems.add(given.pointer, message)
        return styles[0]

    def _described(self, node: Node) -> tuple[Schema, Content]:
        """What a parameter or header may be: by `schema`, or by its one media type."""
        listed = self._content(node) if node.get("content") else ()
        if listed:
            return listed[0].schema, listed[0]
        schema = node.get("schema")
        if schema is None and node.get("type"):
            self._context.problems.add(node.pointer, "There is no 'schema'; 'type' is used.")
            schema = swagger2.inline_schema(node)
        elif schema is None:
            self._context.problems.add(node.pointer, "There is no 'schema'; anything goes.")
        translated, examples = contents.schema_and_examples(self._context, node, schema)
        return translated, Content("", translated, node.pointer, examples)
