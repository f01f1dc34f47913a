import pytest

from app.errors import DescriptionError
from app.openapi import limits, loading
from tests.factories.documents import messages, one, openapi, swagger


def keys(data: bytes) -> list[str]:
    return [operation.key for operation in loading.load_bytes(data).operations]


def problems(data: bytes) -> dict[str, str]:
    description = loading.load_bytes(data)
    return {problem.pointer: problem.message for problem in description.problems}


def test_an_operation_carries_what_the_description_says() -> None:
    operation = one(
        openapi(
            {
                "/pets": {
                    "summary": "about pets",
                    "x-extra": 1,
                    "get": {
                        "operationId": "listPets",
                        "summary": " All\x00 pets ",
                        "description": "Many.",
                        "tags": ["pets", 5, None, ""],
                        "deprecated": True,
                    },
                }
            }
        )
    )
    assert operation.key == "GET /pets"
    assert operation.pointer == "#/paths/~1pets/get"
    assert operation.operation_id == "listPets"
    assert operation.summary == "All pets"
    assert operation.description == "Many."
    assert operation.tags == ("pets", "5")
    assert operation.deprecated


def test_all_methods_of_openapi_are_read() -> None:
    methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
    assert keys(openapi({"/a": {method: {} for method in methods}})) == [
        f"{method.upper()} /a" for method in methods
    ]


def test_query_is_a_method_of_3_2_only() -> None:
    assert keys(openapi({"/a": {"query": {}}}, version="3.2.0")) == ["QUERY /a"]
    data = openapi({"/a": {"query": {}}})
    assert keys(data) == []
    assert problems(data) == {"#/paths/~1a/query": "'query' is no method of OpenAPI; left out."}


def test_odd_methods_are_problems() -> None:
    data = openapi({"/a": {"connect": {}, "copy": {}, "GET": {}, "Post": {}, "post": {}}})
    assert keys(data) == ["POST /a", "GET /a"]
    assert messages(loading.load_bytes(data)) == [
        "'connect' is no method of OpenAPI; left out.",
        "'copy' is no method of OpenAPI; left out.",
        "Methods are written in lower case; read as such.",
        "Methods are written in lower case; read as such.",
        "POST is described twice; the first counts.",
    ]


def test_empty_and_broken_operations_are_problems_and_the_rest_stays() -> None:
    data = openapi({"/a": {"get": None, "put": 5, "post": {}}, "/b": None, "/c": [], "x-d": 5})
    assert keys(data) == ["POST /a"]
    assert set(problems(data)) == {
        "#/paths/~1a/get",
        "#/paths/~1a/put",
        "#/paths/~1b",
        "#/paths/~1c",
    }


@pytest.mark.parametrize(
    "path",
    ["a/b", "http://evil.example/x", "//evil.example/y", "", "/nul\x00", "/" + "a" * 500],
)
def test_paths_that_could_leave_the_server_are_left_out(path: str) -> None:
    description = loading.load_bytes(openapi({path: {"get": {}}, "/ok": {"get": {}}}))
    assert [operation.key for operation in description.operations] == ["GET /ok"]
    assert "The path is left out" in messages(description)[0]


def test_a_path_item_may_stand_elsewhere_and_be_added_to() -> None:
    data = openapi(
        {
            "/a": {"$ref": "#/items/a"},
            "/b": {"$ref": "#/items/a", "post": {"summary": "own"}},
            "/c": {"$ref": "#/nope", "get": {}},
            "/d": {"$ref": 5},
        },
        items={"a": {"get": {"summary": "shared"}, "post": {"summary": "shared"}}},
    )
    operations = loading.load_bytes(data).operations
    assert [(operation.key, operation.summary) for operation in operations] == [
        ("GET /a", "shared"),
        ("POST /a", "shared"),
        ("GET /b", "shared"),
        ("POST /b", "own"),
    ]
    assert set(problems(data)) == {"#/paths/~1c", "#/paths/~1d"}


def test_paths_that_are_no_object_are_refused() -> None:
    with pytest.raises(DescriptionError, match="no object") as caught:
        loading.load_bytes(openapi([{"path": "/a"}]))
    assert caught.value.where == "#/paths"


def test_without_paths_there_is_a_problem_unless_there_are_webhooks() -> None:
    assert problems(openapi(None)) == {"#": "The description has no paths."}
    assert problems(openapi(None, webhooks={"pet": {}})) == {}
    assert problems(openapi({})) == {}


def test_operations_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OPERATIONS", 2)
    paths: dict[str, object] = {f"/{number}": {"get": {}} for number in range(3)}
    with pytest.raises(DescriptionError, match="more than 2 operations"):
        loading.load_bytes(openapi(paths))


def test_parameters_of_the_path_are_overridden_by_name_and_place() -> None:
    def parameter(name: str, location: str, kind: str) -> object:
        return {"name": name, "in": location, "schema": {"type": kind}}

    operation = one(
        openapi(
            {
                "/a": {
                    "parameters": [
                        parameter("x", "query", "string"),
                        parameter("y", "query", "number"),
                    ],
                    "get": {
                        "parameters": [
                            parameter("x", "query", "integer"),
                            parameter("x", "header", "boolean"),
                            {"$ref": "#/components/parameters/z"},
                        ]
                    },
                }
            },
            components={"parameters": {"z": parameter("z", "cookie", "string")}},
        )
    )
    assert [(p.name, p.location, p.schema) for p in operation.parameters] == [
        ("x", "query", {"type": "integer"}),
        ("y", "query", {"type": "number"}),
        ("x", "header", {"type": "boolean"}),
        ("z", "cookie", {"type": "string"}),
    ]
    assert operation.parameters[3].pointer == "#/components/parameters/z"


def test_broken_parameters_are_problems() -> None:
    broken = [None, {}, {"name": "q"}, {"in": "query"}, {"name": "", "in": "query"}]
    data = openapi({"/a": {"get": {"parameters": [*broken, {"$ref": "#/nope"}]}}})
    assert one(data).parameters == ()
    assert len(problems(data)) == 6
    assert "no list" in "".join(problems(openapi({"/a": {"parameters": {}, "get": {}}})).values())


def test_the_path_template_decides_which_path_parameters_there_are() -> None:
    schema = {"schema": {"type": "string"}}
    data = openapi(
        {
            "/a/{id}/{other}": {
                "get": {
                    "parameters": [
                        {"name": "id", "in": "path", **schema},
                        {"name": "gone", "in": "path", **schema},
                    ]
                }
            }
        }
    )
    first, second = one(data).parameters
    assert (first.name, first.required, first.style, first.explode) == ("id", True, "simple", False)
    assert (second.name, second.required, second.schema) == ("other", True, {"type": "string"})
    assert second.pointer == "#/paths/~1a~1{id}~1{other}/get"
    assert sorted(messages(loading.load_bytes(data))) == [
        "'{other}' is not declared; it is taken as text.",
        "The path has no '{gone}'; the parameter is left out.",
    ]


@pytest.mark.parametrize("name", ["X-A\r\nInjected", "a b", "é", "a:b"])
@pytest.mark.parametrize("location", ["header", "cookie"])
def test_names_that_http_forbids_are_left_out(name: str, location: str) -> None:
    parameter = {"name": name, "in": location, "schema": {}}
    data = openapi({"/a": {"get": {"parameters": [parameter]}}})
    assert one(data).parameters == ()
    assert "HTTP forbids its name" in "".join(problems(data).values())


def test_swagger_says_so_too() -> None:
    parameter = {"name": "a b", "in": "header", "type": "string"}
    data = swagger({"/a": {"get": {"parameters": [parameter]}}})
    assert one(data).parameters == ()
    assert problems(data)


def test_methods_of_ones_own_are_read_from_3_2_on() -> None:
    item = {"get": {}, "additionalOperations": {"LINK": {"summary": "s"}, "a b": {}}}
    data = openapi({"/a": item}, version="3.2.0")
    assert keys(data) == ["GET /a", "LINK /a"]
    assert list(problems(data)) == ["#/paths/~1a/additionalOperations/a%20b"]
    assert keys(openapi({"/a": item})) == ["GET /a"]
