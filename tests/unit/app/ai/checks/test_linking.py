from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.openapi.model import Link, Operation, Schema
from tests.factories.descriptions import content, operation, parameter, response
from tests.factories.resources import ID, NUMBER, TEXT, creating, reading, shown
from tests.factories.written import functions

READING = replace(reading(shown({}), parameter("view", required=False)), operation_id="getPet")


def linking(parameters: Mapping[str, str], to: str = "getPet", times: int = 1) -> Operation:
    """A creation whose answer has links."""
    links = (Link(to, parameters),) * times
    answer = replace(response("201", content(shown({})), description="Made."), links=links)
    return replace(creating(), responses=(response("400"), answer), pointer="#/post")


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"petId": "$response.body#/id"}, '{"petId": linked(response, "/id")}'),
        ({"path.petId": "$response.header.X-Id"}, '{"petId": linked(response, "X-Id")}'),
        ({"petId": "7"}, '{"petId": "7"}'),
    ],
)
def test_a_link_is_followed_with_what_it_tells(parameters: dict[str, str], path: str) -> None:
    check = functions(linking(parameters), READING)["link_leads_to_get_pet"]

    assert "Source: #/responses/201/links\n" in check
    assert 'expect.success(response, 201, needs="values the API takes for name")' in check
    assert f'found = api.get("/pets/{{petId}}", path={path})' in check
    assert "expect.documented(found)\n    expect.success(found, 200)" in check


def test_a_link_may_tell_what_was_asked() -> None:
    listing = operation(
        "GET",
        "/pets",
        parameter("size", schema=NUMBER, examples=(5,)),
        responses=(response("200"),),
    )
    listing = replace(listing, operation_id="list")
    link = Link("list", {"query.size": "$request.query.limit"})
    again = Link("getPet", {"petId": "$request.path.petId"})
    own = operation(
        "GET",
        "/pets/{petId}/friends",
        ID,
        parameter("limit", schema=NUMBER, examples=(3,)),
        responses=(replace(response("200"), links=(link, again)),),
    )

    found = functions(own, listing, READING, creating())

    assert 'found = api.get("/pets", query={"size": 3})' in found["link_leads_to_list"]
    assert 'path={"petId": pet_id})\n\n' in found["link_leads_to_get_pet"]


@pytest.mark.parametrize(
    "own",
    [
        linking({}),
        linking({"petId": "$request.body#/id"}),
        linking({"petId": "$request.query.id"}),
        linking({"petId": "$response.body#/id"}, to="another"),
        linking({"petId": "$response.body#/id"}, to="deletePet"),
        replace(
            linking({"petId": "$response.body#/id"}), parameters=(parameter("q", schema=False),)
        ),
    ],
)
def test_a_link_that_leaves_something_open_is_not_followed(own: Operation) -> None:
    deleting = replace(operation("DELETE", "/pets/{petId}", ID), operation_id="deletePet")

    assert not [name for name in functions(own, READING, deleting) if name.startswith("link")]


def test_a_few_links_are_followed() -> None:
    own = linking({"petId": "$response.body#/id"}, times=5)

    assert len([name for name in functions(own, READING) if name.startswith("link")]) == 3


ADDRESS: Schema = {"type": "string", "format": "uri"}


@pytest.mark.parametrize(
    ("properties", "pointer"),
    [
        ({"self": ADDRESS}, "/self"),
        ({"_links": {"properties": {"self": {"properties": {"href": TEXT}}}}}, "/_links/self/href"),
        ({"links": {"properties": {"self": ADDRESS}}}, "/links/self"),
    ],
)
def test_what_calls_itself_by_an_address_is_there(
    properties: dict[str, Schema], pointer: str
) -> None:
    check = functions(reading(shown(properties)), creating())["link_to_itself"]

    assert f'found = led_to(api, response, "{pointer}")\n\n    expect.success(found)' in check


@pytest.mark.parametrize(
    "properties",
    [
        {"self": TEXT},
        {"url": ADDRESS},
        {"_links": {"properties": {"next": {"properties": {"href": TEXT}}}}},
        {"links": {"properties": {"self": {"properties": {"href": NUMBER}}}}},
    ],
)
def test_other_addresses_are_not_followed(properties: dict[str, Schema]) -> None:
    assert "link_to_itself" not in functions(reading(shown(properties)), creating())
