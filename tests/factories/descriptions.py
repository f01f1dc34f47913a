"""API descriptions made by hand: `describe(operation("GET", "/pets", …))`, and a small pet shop."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import starmap, zip_longest

from app.openapi.model import (
    ApiDescription,
    Body,
    Content,
    Example,
    Header,
    Operation,
    Parameter,
    Response,
    Schema,
    SecurityScheme,
)
from testops.json_values import Json

JSON = "application/json"
ANYTHING: Schema = True

#: Styles as OpenAPI sets them where none is given.
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


def describe(
    *operations: Operation,
    schemas: Mapping[str, Schema] | None = None,
    title: str = "Pets",
    security_schemes: Mapping[str, SecurityScheme] | None = None,
) -> ApiDescription:
    """A description of some operations."""
    return ApiDescription(
        title=title,
        version="1.0",
        dialect="3.1",
        servers=("http://pets.example",),
        operations=operations,
        schemas=schemas or {},
        security_schemes=security_schemes or {},
    )


def operation(
    method: str,
    path: str,
    *parameters: Parameter,
    body: Body | None = None,
    responses: tuple[Response, ...] | None = None,
    summary: str = "",
    security: tuple[str, ...] = (),
) -> Operation:
    """An operation; it answers 200 without a body unless told otherwise.

    `security` are schemes of which each is enough.
    """
    pointer = f"#/paths/{path.replace('~', '~0').replace('/', '~1')}/{method.lower()}"
    return Operation(
        method=method,
        path=path,
        pointer=pointer,
        summary=summary,
        parameters=parameters,
        body=body,
        responses=(response("200"),) if responses is None else responses,
        security=tuple(frozenset({each}) for each in security),
    )


def parameter(
    name: str,
    location: str = "query",
    schema: Schema = ANYTHING,
    *,
    required: bool = True,
    examples: tuple[Json, ...] = (),
    names: tuple[str, ...] = (),
    style: str = "",
    explode: bool | None = None,
    media_type: str = "",
) -> Parameter:
    """A parameter, required unless told otherwise, in the default style of its location."""
    style = style or _STYLES[location]
    return Parameter(
        name=name,
        location=location,
        required=required,
        schema=schema,
        pointer=f"#/parameters/{name}",
        style=style,
        explode=style == "form" if explode is None else explode,
        examples=tuple(starmap(Example, zip_longest(examples, names, fillvalue=""))),
        media_type=media_type,
    )


def content(
    schema: Schema = ANYTHING, media_type: str = JSON, examples: tuple[Json, ...] = ()
) -> Content:
    """A body in one media type."""
    given = tuple(Example(value) for value in examples)
    return Content(media_type, schema, f"#/content/{media_type}", given)


def body(*contents: Content, required: bool = True) -> Body:
    """A request body, required unless told otherwise."""
    return Body(required, contents, "#/requestBody")


def response(
    status: str, *contents: Content, headers: tuple[Header, ...] = (), description: str = ""
) -> Response:
    """A documented answer."""
    said = description or f"Answer {status}"
    return Response(status, said, contents, headers, f"#/responses/{status}")


def header(name: str, schema: Schema = ANYTHING, *, required: bool = True) -> Header:
    """A documented response header."""
    return Header(name, required, schema, f"#/headers/{name}")


PET: Schema = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "maxLength": 20},
        "kind": {"enum": ["cat", "dog"]},
    },
}
PROBLEM: Schema = {"type": "object", "required": ["title"]}
_PET: Schema = {"$ref": "#/schemas/Pet"}
_PETS: Schema = {"type": "array", "items": _PET}
_REFUSAL = content({"$ref": "#/schemas/Problem"}, "application/problem+json")


def pet_shop() -> ApiDescription:
    """List, create, read and delete pets: a description as it should be."""
    pet_id = parameter("petId", "path", {"type": "integer"})
    limit = parameter("limit", schema={"type": "integer", "minimum": 1}, required=False)
    return describe(
        operation("GET", "/pets", limit, responses=(response("200", content(_PETS)),)),
        operation(
            "POST",
            "/pets",
            body=body(content(_PET)),
            responses=(
                response("201", content(_PET), headers=(header("Location", {"type": "string"}),)),
                response("422", _REFUSAL),
            ),
        ),
        operation(
            "GET",
            "/pets/{petId}",
            pet_id,
            responses=(response("200", content(_PET)), response("404", _REFUSAL)),
            summary="One pet",
        ),
        operation(
            "DELETE",
            "/pets/{petId}",
            pet_id,
            responses=(response("204"), response("404", _REFUSAL)),
        ),
        schemas={"Pet": PET, "Problem": PROBLEM},
    )


_PROJECT: Schema = {
    "type": "object",
    "required": ["id", "name", "note", "public", "owner", "made_at"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "maxLength": 80},
        "note": {"type": "string", "maxLength": 500},
        "public": {"type": "boolean"},
        "owner": {"type": "string", "pattern": "^[a-z]{4,20}$", "readOnly": True},
        "made_at": {"type": "string", "format": "date-time", "readOnly": True},
    },
}
_NEW_PROJECT: Schema = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 80},
        "note": {"type": "string", "maxLength": 500, "default": ""},
        "public": {"type": "boolean", "default": False},
    },
}
_CHANGED_PROJECT: Schema = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "name": {"type": "string", "maxLength": 80},
        "note": {"type": "string", "maxLength": 500},
        "public": {"type": "boolean"},
    },
}
_STATES = ["todo", "doing", "done"]
_TASK: Schema = {
    "type": "object",
    "required": ["id", "title", "status"],
    "properties": {
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "status": {"enum": _STATES, "type": "string"},
    },
}


def _page(item: str) -> Content:
    items: Schema = {"type": "array", "items": {"$ref": f"#/schemas/{item}"}}
    return content({"properties": {"items": items, "total": {"type": "integer"}}})


def _named(schema: str) -> Content:
    return content({"$ref": f"#/schemas/{schema}"})


def task_tracker() -> ApiDescription:
    """Projects that hold tasks; tasks are read on their own and go from one state to another."""
    project = parameter("project_id", "path", {"type": "integer"})
    task = parameter("task_id", "path", {"type": "integer"})
    location = header("Location", {"type": "string"})
    missing, conflict = response("404"), response("409")
    pages = (
        parameter("limit", schema={"type": "integer", "minimum": 1, "maximum": 50}, required=False),
        parameter("offset", schema={"type": "integer", "minimum": 0}, required=False),
        parameter(
            "sort", schema={"type": "string", "enum": ["id", "name", "-name"]}, required=False
        ),
    )
    status = parameter("status", schema={"type": "string", "enum": _STATES}, required=False)
    one = (response("200", _named("Project")), missing)
    return describe(
        operation("GET", "/projects", *pages, responses=(response("200", _page("Project")),)),
        operation(
            "POST",
            "/projects",
            body=body(_named("NewProject")),
            responses=(response("201", _named("Project"), headers=(location,)), conflict),
            summary="Create a project. 409 when there is already a project of that name",
        ),
        operation("GET", "/projects/{project_id}", project, responses=one),
        operation(
            "PUT", "/projects/{project_id}", project, body=body(_named("NewProject")), responses=one
        ),
        operation(
            "PATCH",
            "/projects/{project_id}",
            project,
            body=body(_named("ChangedProject")),
            responses=one,
        ),
        operation(
            "DELETE",
            "/projects/{project_id}",
            project,
            responses=(response("204"), missing),
            summary="Delete a project and its tasks",
        ),
        operation(
            "GET",
            "/projects/{project_id}/tasks",
            project,
            status,
            responses=(response("200", _page("Task")),),
        ),
        operation(
            "POST",
            "/projects/{project_id}/tasks",
            project,
            body=body(
                content({"required": ["title"], "properties": {"title": {"type": "string"}}})
            ),
            responses=(response("201", _named("Task")),),
            summary="A new task is in status todo",
        ),
        operation("GET", "/tasks/{task_id}", task, responses=(response("200", _named("Task")),)),
        operation(
            "POST",
            "/tasks/{task_id}/move",
            task,
            body=body(
                content(
                    {
                        "required": ["to"],
                        "properties": {"to": {"type": "string", "enum": _STATES}},
                    }
                )
            ),
            responses=(response("200", _named("Task")), conflict),
            summary="Allowed: todo to doing, doing to done. Anything else, the same too, is 409",
        ),
        schemas={
            "Project": _PROJECT,
            "NewProject": _NEW_PROJECT,
            "ChangedProject": _CHANGED_PROJECT,
            "Task": _TASK,
        },
    )
