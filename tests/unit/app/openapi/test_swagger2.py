import pytest

from app.openapi import loading
from app.openapi.model import Body, Content, Example, Header, Operation, Response
from tests.factories.documents import messages, one, swagger

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def inputs(
    *parameters: object, more: dict[str, object] | None = None, **operation: object
) -> Operation:
    return one(swagger({"/a": {"post": {"parameters": parameters, **operation}}}, **(more or {})))


def body_of(
    *parameters: object, more: dict[str, object] | None = None, **operation: object
) -> Body:
    found = inputs(*parameters, more=more, **operation).body
    assert found is not None
    return found


def answers(responses: object, **operation: object) -> tuple[Response, ...]:
    return one(swagger({"/a": {"get": {"responses": responses, **operation}}})).responses


def told(*parameters: object, **operation: object) -> str:
    data = swagger({"/a": {"post": {"parameters": parameters, **operation}}})
    return "\n".join(messages(loading.load_bytes(data)))


def test_the_keywords_of_a_parameter_become_its_schema() -> None:
    (found,) = inputs(
        {
            "name": "n",
            "in": "query",
            "required": True,
            "description": "D",
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "exclusiveMinimum": True,
            "default": 5,
            "x-example": 7,
        }
    ).parameters
    assert found.schema == {
        "type": "integer",
        "format": "int32",
        "minimum": 1,
        "exclusiveMinimum": 1,
        "default": 5,
    }
    assert (found.required, found.description, found.location) == (True, "D", "query")
    assert found.examples == (Example(7),)
    assert found.pointer == "#/paths/~1a/post/parameters/0"


@pytest.mark.parametrize(
    ("keys", "style", "explode"),
    [
        ({"type": "string"}, "form", True),
        ({"type": "array"}, "form", False),
        ({"type": "array", "collectionFormat": "csv"}, "form", False),
        ({"type": "array", "collectionFormat": "multi"}, "form", True),
        ({"type": "array", "collectionFormat": "ssv"}, "spaceDelimited", False),
        ({"type": "array", "collectionFormat": "pipes"}, "pipeDelimited", False),
        ({"type": "array", "collectionFormat": "tsv"}, "tabDelimited", False),
        ({"type": "array", "collectionFormat": "odd"}, "form", False),
        ({"type": "array", "in": "header"}, "simple", False),
        ({"type": "array", "in": "header", "collectionFormat": "pipes"}, "pipeDelimited", False),
        ({"type": "string", "in": "header", "collectionFormat": "pipes"}, "simple", False),
    ],
)
def test_collection_formats_become_styles(
    keys: dict[str, object], style: str, *, explode: bool
) -> None:
    (found,) = inputs({"name": "p", "in": "query", "items": {"type": "string"}, **keys}).parameters
    assert (found.style, found.explode) == (style, explode)


def test_a_format_that_nobody_knows_is_a_problem() -> None:
    parameter = {"name": "p", "in": "query", "type": "array", "collectionFormat": "odd"}
    assert "'odd' cannot be sent" in told(parameter)


def test_the_body_parameter_becomes_the_body() -> None:
    body = {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}}
    found = body_of(body, more={"definitions": {"Pet": {"type": "object", "example": {"a": 1}}}})
    pointer = "#/paths/~1a/post/parameters/0"
    assert found.required
    assert found.pointer == pointer
    assert found.contents == (
        Content(JSON, {"$ref": "#/schemas/Pet"}, pointer, (Example({"a": 1}),)),
    )


def test_the_body_has_the_media_types_that_are_consumed() -> None:
    body = {"name": "b", "in": "body", "x-example": 5, "schema": {}}
    found = body_of(body, consumes=["application/xml", " text/plain ", "odd", 5])
    assert [content.media_type for content in found.contents] == ["application/xml", "text/plain"]
    assert found.contents[0].examples == (Example(5),)
    found = body_of(body, more={"consumes": ["application/xml"]})
    assert [content.media_type for content in found.contents] == ["application/xml"]
    assert "no media type" in told(body, consumes=["odd"])


@pytest.mark.parametrize(
    ("kind", "consumes", "media_types"),
    [
        ("string", [], [FORM]),
        ("string", [JSON], [FORM]),
        ("string", [MULTIPART], [MULTIPART]),
        ("string", [FORM, MULTIPART], [FORM, MULTIPART]),
        ("file", [], [MULTIPART]),
        ("file", [FORM], [MULTIPART]),
        ("file", [f"{MULTIPART}; boundary=x"], [f"{MULTIPART}; boundary=x"]),
    ],
)
def test_form_fields_become_one_object(
    kind: str, consumes: list[str], media_types: list[str]
) -> None:
    field = {"name": "f", "in": "formData", "type": kind, "required": True}
    other = {"name": "o", "in": "formData", "type": "integer"}
    found = body_of(field, other, consumes=consumes)
    assert [content.media_type for content in found.contents] == media_types
    first = {"type": "string", "format": "binary"} if kind == "file" else {"type": "string"}
    assert found.contents[0].schema == {
        "type": "object",
        "properties": {"f": first, "o": {"type": "integer"}},
        "required": ["f"],
    }
    assert found.required


def test_form_fields_that_may_be_missing_make_a_body_that_may_be() -> None:
    found = body_of({"name": "f", "in": "formData", "type": "string"})
    assert not found.required
    assert found.contents[0].schema == {
        "type": "object",
        "properties": {"f": {"type": "string"}},
    }


def test_a_body_beside_form_fields_wins() -> None:
    found = body_of(
        {"name": "f", "in": "formData", "type": "string"},
        {"name": "b", "in": "body", "schema": {"type": "array"}},
    )
    assert found.contents[0].schema == {"type": "array"}


def test_shared_parameters_are_read_once() -> None:
    operation = {"parameters": [{"$ref": "#/parameters/p"}]}
    description = loading.load_bytes(
        swagger(
            {"/a": {"get": operation, "put": operation}},
            parameters={"p": {"name": "p", "in": "query", "type": "string"}},
        )
    )
    first, second = description.operations
    assert first.parameters[0] is second.parameters[0]


def test_unknown_places_are_problems() -> None:
    assert inputs({"name": "p", "in": "cookie", "type": "string"}).parameters == ()
    assert "Parameters in 'cookie' are not known" in told({"name": "p", "in": "cookie"})


def test_an_unusable_example_is_left_out() -> None:
    data = swagger(
        {"/a": {"get": {"parameters": [{"name": "p", "in": "query", "x-example": "@"}]}}}
    ).replace(b'"@"', b"NaN")
    assert one(data).parameters[0].examples == ()


def test_answers_have_the_media_types_that_are_produced() -> None:
    (found,) = answers(
        {"200": {"description": "D", "schema": {"type": "object"}, "examples": {JSON: {"a": 1}}}},
        produces=[JSON, "application/xml"],
    )
    pointer = "#/paths/~1a/get/responses/200"
    assert found.contents == (
        Content(JSON, {"type": "object"}, pointer, (Example({"a": 1}),)),
        Content("application/xml", {"type": "object"}, pointer),
    )


def test_an_answer_is_json_where_nothing_is_said() -> None:
    (found,) = answers({"200": {"schema": {"type": "file"}}})
    assert found.contents[0].media_type == JSON
    assert found.contents[0].schema == {"type": "string", "format": "binary"}


def test_an_answer_without_schema_has_no_content() -> None:
    assert answers({"200": {"description": "D"}}, produces=[JSON])[0].contents == ()


def test_an_unusable_example_of_an_answer_is_left_out() -> None:
    operation = {"responses": {"200": {"schema": {}, "examples": {JSON: "@"}}}}
    data = swagger({"/a": {"get": operation}}).replace(b'"@"', b"NaN")
    assert one(data).responses[0].contents[0].examples == ()


def test_headers_of_answers_are_read() -> None:
    (found,) = answers({"200": {"headers": {"X-Total": {"type": "integer", "minimum": 0}}}})
    pointer = "#/paths/~1a/get/responses/200/headers/X-Total"
    assert found.headers == (
        Header("X-Total", False, {"type": "integer", "minimum": 0}, pointer),  # noqa: FBT003 - a value's field
    )
