import math

import pytest

from app.openapi import loading
from app.openapi.model import Content, Encoding, Example, Header, Parameter, Response
from tests.factories.documents import messages, one, openapi


def parameter(**keys: object) -> Parameter:
    (found,) = one(openapi({"/a": {"get": {"parameters": [{"name": "p", **keys}]}}})).parameters
    return found


def answers(
    responses: object, *, components: object = None, shared: object = None
) -> tuple[Response, ...]:
    paths = {"/a": {"get": {"responses": responses}}}
    return one(openapi(paths, components=components, shared=shared)).responses


def told(operation: object) -> str:
    return "\n".join(messages(loading.load_bytes(openapi({"/a": {"get": operation}}))))


@pytest.mark.parametrize(
    ("keys", "style", "explode"),
    [
        ({"in": "query"}, "form", True),
        ({"in": "cookie"}, "form", True),
        ({"in": "header"}, "simple", False),
        ({"in": "query", "style": "deepObject"}, "deepObject", True),
        ({"in": "query", "style": "pipeDelimited"}, "pipeDelimited", False),
        ({"in": "query", "explode": False}, "form", False),
        ({"in": "header", "explode": True}, "simple", True),
        ({"in": "header", "style": "form"}, "simple", False),
        ({"in": "query", "style": 5}, "form", True),
    ],
)
def test_style_and_explode_have_the_defaults_of_the_standard(
    keys: dict[str, object], style: str, *, explode: bool
) -> None:
    found = parameter(**keys, schema={"type": "string"})
    assert (found.style, found.explode) == (style, explode)


def test_a_parameter_carries_what_is_said() -> None:
    found = parameter(
        **{"in": "query", "required": True, "description": "D", "schema": {"type": "integer"}},
        example=5,
    )
    assert found == Parameter(
        name="p",
        location="query",
        required=True,
        schema={"type": "integer"},
        pointer="#/paths/~1a/get/parameters/0",
        examples=(Example(5),),
        description="D",
    )


def test_a_parameter_may_be_described_by_a_media_type() -> None:
    content = {"application/json": {"schema": {"type": "object"}, "example": {"a": 1}}}
    found = parameter(**{"in": "query", "content": content})
    assert found.media_type == "application/json"
    assert found.schema == {"type": "object"}
    assert found.examples == (Example({"a": 1}),)


@pytest.mark.parametrize(
    ("keys", "schema", "message"),
    [
        ({}, True, "There is no 'schema'"),
        ({"content": {}}, True, "There is no 'schema'"),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 1}, "'type' is used"),
    ],
)
def test_a_parameter_without_schema_is_understood_with_a_problem(
    keys: dict[str, object], schema: object, message: str
) -> None:
    assert parameter(**{"in": "query"}, **keys).schema == schema
    assert message in told({"parameters": [{"name": "p", "in": "query", **keys}]})


def test_an_unknown_place_is_a_problem() -> None:
    operation = {"parameters": [{"name": "p", "in": "body", "schema": {}}]}
    assert one(openapi({"/a": {"get": operation}})).parameters == ()
    assert "Parameters in 'body' are not known" in told(operation)


def test_headers_that_other_parts_describe_are_passed_over() -> None:
    names = ("Accept", "content-type", "Authorization")
    operation = {"parameters": [{"name": name, "in": "header", "schema": {}} for name in names]}
    assert one(openapi({"/a": {"get": operation}})).parameters == ()
    assert told(operation) == ""


def test_shared_parameters_are_read_and_reported_once() -> None:
    operation = {"parameters": [{"$ref": "#/components/parameters/p"}]}
    shared = {"p": {"name": "p", "in": "query", "schema": {"type": "strng"}}}
    description = loading.load_bytes(
        openapi({"/a": {"get": operation, "put": operation}}, components={"parameters": shared})
    )
    first, second = description.operations
    assert first.parameters[0] is second.parameters[0]
    assert len(description.problems) == 1


def test_a_body_is_read_with_its_media_types() -> None:
    body = {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object"}, "examples": {"a": {"value": 1}}},
            " multipart/form-data ": {"schema": {"type": "object"}},
            "text/plain; charset=utf-16": {},
            "*/*": None,
        },
    }
    found = one(openapi({"/a": {"get": {"requestBody": body}}})).body
    assert found is not None
    assert found.required
    assert found.pointer == "#/paths/~1a/get/requestBody"
    assert [(content.media_type, content.schema) for content in found.contents] == [
        ("application/json", {"type": "object"}),
        ("multipart/form-data", {"type": "object"}),
        ("text/plain; charset=utf-16", True),
    ]
    assert found.contents[0].examples == (Example(1),)
    assert "The media type is left out" in told({"requestBody": body})


@pytest.mark.parametrize("body", [None, 5, {"$ref": "#/nope"}])
def test_a_body_that_cannot_be_read_is_none(body: object) -> None:
    assert one(openapi({"/a": {"get": {"requestBody": body}}})).body is None


@pytest.mark.parametrize("name", ["", "json", "a/b\r\nX: y", "a b/c", 'a/b"'])
def test_names_that_are_no_media_type_are_problems(name: str) -> None:
    operation: object = {"requestBody": {"content": {name: {"schema": {}}}}}
    found = one(openapi({"/a": {"get": operation}})).body
    assert found is not None
    assert found.contents == ()
    assert not found.required
    assert "media type is left out" in told(operation)


def test_answers_are_read_by_status() -> None:
    pet = {"description": "D", "content": {"application/json": {"schema": {"type": "object"}}}}
    found = answers({"200": pet, "2xx": {}, "DEFAULT": {}, "x-a": 1})
    assert [(answer.status, answer.description) for answer in found] == [
        ("200", "D"),
        ("2XX", ""),
        ("default", ""),
    ]
    pointer = "#/paths/~1a/get/responses/200"
    assert found[0].pointer == pointer
    assert found[0].contents == (
        Content("application/json", {"type": "object"}, f"{pointer}/content/application~1json"),
    )


def test_odd_statuses_are_problems() -> None:
    responses: object = {"abc": {}, "999": {}, "20": {}, "2xx": {}, "2XX": {}}
    assert [answer.status for answer in answers(responses)] == ["2XX"]
    assert told({"responses": responses}).count("is no status") == 4


@pytest.mark.parametrize("answer", [None, 5, {"$ref": "#/nope"}, {"$ref": 5}])
def test_an_answer_that_cannot_be_read_stays_documented(answer: object) -> None:
    (found,) = answers({"200": answer})
    assert (found.status, found.contents, found.headers) == ("200", (), ())
    assert "The content of the answer is left out" in told({"responses": {"200": answer}})


def test_shared_answers_are_followed() -> None:
    shared = {"responses": {"Pet": {"description": "D", "content": {"text/plain": {}}}}}
    reference = {"$ref": "#/components/responses/Pet"}
    found, other = answers({"200": reference, "201": reference}, components=shared)
    assert found.description == "D"
    assert found.contents is other.contents
    assert found.pointer == "#/components/responses/Pet"


def test_headers_of_answers_are_read() -> None:
    headers = {
        "X-Total": {"required": True, "schema": {"type": "integer"}},
        "X-Shared": {"$ref": "#/components/headers/s"},
        "X-Again": {"$ref": "#/components/headers/s"},
        "Content-Type": {"schema": {}},
        "a b": {"schema": {}},
        "X-Broken": None,
    }
    shared = {"headers": {"s": {"schema": {"type": "string"}}}}
    (found,) = answers({"200": {"headers": headers}}, components=shared)
    pointer = "#/paths/~1a/get/responses/200/headers/X-Total"
    assert found.headers == (
        Header("X-Total", True, {"type": "integer"}, pointer),  # noqa: FBT003 - a value's field
        Header("X-Shared", False, {"type": "string"}, "#/components/headers/s"),  # noqa: FBT003 - as above
        Header("X-Again", False, {"type": "string"}, "#/components/headers/s"),  # noqa: FBT003 - as above
    )
    assert "HTTP forbids its name" in told({"responses": {"200": {"headers": headers}}})


def test_a_whole_content_may_be_a_reference() -> None:
    (found,) = answers(
        {"200": {"content": {"$ref": "#/shared"}}},
        shared={"application/json": {"schema": {"type": "string"}}},
    )
    assert found.contents[0].schema == {"type": "string"}
    assert answers({"200": {"content": {"$ref": "#/nope"}}})[0].contents == ()


@pytest.mark.parametrize("content", [[], "text", 5])
def test_a_content_that_is_no_object_is_a_problem(content: object) -> None:
    responses = {"200": {"content": content}}
    assert answers(responses)[0].contents == ()
    assert "'content' is left out" in told({"responses": responses})


def test_responses_that_are_no_object_are_a_problem() -> None:
    assert answers([1]) == ()
    assert "'responses' is left out" in told({"responses": [1]})


def test_unusable_numbers_reach_no_model() -> None:
    data = openapi({"/a": {"get": {"parameters": [{"name": "n", "in": "query", "schema": {}}]}}})
    data = data.replace(
        b'"schema": {}',
        b'"example": NaN, "schema": {"maximum": 1e999, "default": NaN, "enum": [1E400, -0.0]}',
    )
    description = loading.load_bytes(data)
    (found,) = description.operations[0].parameters
    assert found.schema == {}
    assert found.examples == ()
    assert len(description.problems) == 4
    assert not math.isfinite(1e999)


def test_a_whole_query_string_is_a_form_whose_properties_are_its_parameters() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    form = {"application/x-www-form-urlencoded": {"schema": schema, "example": {"a": 1}}}
    given = {"name": "q", "in": "querystring", "required": True, "content": form}
    paths = {"/a": {"get": {"parameters": [given]}}}
    (found,) = one(openapi(paths, version="3.2.0")).parameters
    assert (found.location, found.style, found.explode) == ("query", "form", True)
    assert (found.schema, found.required, found.media_type) == (schema, True, "")
    assert found.examples == (Example({"a": 1}),)


def test_a_query_string_that_is_no_form_is_a_problem() -> None:
    given = {"name": "q", "in": "querystring", "content": {"application/json": {}}}
    data = openapi({"/a": {"get": {"parameters": [given]}}}, version="3.2.0")
    assert one(data).parameters == ()
    assert "only a form" in messages(loading.load_bytes(data))[0]
    assert "'querystring' are not known" in told({"parameters": [given]})


@pytest.mark.parametrize(
    ("content", "media_type"), [({"application/json": {}}, "application/json"), ({}, "*/*")]
)
def test_a_required_query_string_that_is_no_form_stays_for_no_request_does_without_it(
    content: object, media_type: str
) -> None:
    given = {"name": "q", "in": "querystring", "required": True, "content": content}
    data = openapi({"/a": {"get": {"parameters": [given]}}}, version="3.2.0")
    (found,) = one(data).parameters
    assert (found.location, found.required, found.media_type) == ("querystring", True, media_type)
    assert "only a form" in messages(loading.load_bytes(data))[0]


@pytest.mark.parametrize(
    ("location", "said", "allows"),
    [
        ("query", True, True),
        ("query", "yes", False),
        ("query", None, False),
        ("cookie", True, False),
    ],
)
def test_reserved_characters_stand_as_they_are_in_a_query_that_says_so(
    location: str, said: object, *, allows: bool
) -> None:
    found = parameter(**{"in": location, "schema": {"type": "string"}, "allowReserved": said})
    assert found.allows_reserved is allows


def test_the_items_of_a_stream_are_described_from_3_2_on() -> None:
    stream = {"application/jsonl": {"itemSchema": {"type": "integer"}}, "text/csv": {}}
    paths = {"/a": {"get": {"responses": {"200": {"content": stream}}}}}
    lines, rows = one(openapi(paths, version="3.2.0")).responses[0].contents
    assert (lines.item_schema, lines.schema) == ({"type": "integer"}, True)
    assert rows.item_schema is None
    (older, _) = one(openapi(paths, version="3.1.0")).responses[0].contents
    assert older.item_schema is None


def test_a_form_says_how_its_properties_are_sent() -> None:
    encoding = {
        "a": {"contentType": "image/png, image/jpeg"},
        "b": {"style": "pipeDelimited"},
        "c": {"explode": False, "contentType": "image/*"},
        "d": {"style": "odd", "explode": 5, "contentType": 5},
        "e": "odd",
    }
    content = {"multipart/form-data": {"schema": {}, "encoding": encoding}}
    operation = one(openapi({"/a": {"post": {"requestBody": {"content": content}}}}))
    assert operation.body is not None
    assert operation.body.contents[0].encodings == {
        "a": Encoding("image/png"),
        "b": Encoding(style="pipeDelimited", explode=False),
        "c": Encoding(explode=False),
        "d": Encoding(),
        "e": Encoding(),
    }


def test_links_of_an_answer_lead_to_operations() -> None:
    """What names no operation, or gives it nothing to go by, is no link."""
    own = "$response.body#/id"
    operation = one(
        openapi(
            {
                "/pets": {
                    "post": {
                        "responses": {
                            "201": {
                                "description": "made",
                                "links": {
                                    "pet": {
                                        "operationId": "getPet",
                                        "parameters": {"path.petId": own, "size": 5},
                                    },
                                    "again": {
                                        "operationRef": "#/paths/~1pets~1{petId}/get",
                                        "parameters": {"petId": own},
                                    },
                                    "nowhere": {"parameters": {"petId": own}},
                                    "number": {"operationId": 5, "parameters": {"petId": own}},
                                    "bare": {"operationId": "getPet"},
                                    "broken": "text",
                                },
                            }
                        }
                    }
                }
            }
        )
    )

    [answer] = operation.responses
    assert [(link.operation, dict(link.parameters)) for link in answer.links] == [
        ("getPet", {"petId": own}),
        ("#/paths/~1pets~1{petId}/get", {"petId": own}),
    ]
